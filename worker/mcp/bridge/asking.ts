/**
 * A modern server's questions, put to a legacy client as requests on the stream of its call. The client posts its
 * responses, wherever that is; they come to a box at the session's home shard, where this call waits for them.
 */
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { askShard } from "../../objects.ts";
import type { RpcCall, Session } from "../rpc-call.ts";
import { capabilityFor, declares } from "./capabilities.ts";
import type { InputRequest } from "./input-required.ts";
import { sealAsk } from "./sealed.ts";

/** One wait at the shard. A client that left is noticed between two. */
const waitMs = 20_000;
const mostFailedWaits = 3;
const pauseMs = 500;

/** The `inputResponses` as JSON object text. */
export async function askClient(
  call: RpcCall,
  server: string,
  requests: readonly InputRequest[],
): Promise<Outcome<string>> {
  const { session } = call.client;
  const unfit = requests.find(({ method }) => !canAsk(call, method));
  if (session === undefined || unfit) {
    return failure({ code: "interaction_required", server, execution: "unknown", asked: unfit?.method ?? "" });
  }
  const box = `ask:${session.id}:${crypto.randomUUID()}`;
  for (const { key, text } of requests) {
    const ask = { is: "mail", shard: session.shard, box, key } as const;
    const id = JSON.stringify(await sealAsk(call.house, session, ask));
    call.line.send(
      withMembers(
        text,
        new Map([
          ["jsonrpc", '"2.0"'],
          ["id", id],
        ]),
      ),
    );
  }
  return collect(call, session, server, box, requests);
}

function canAsk({ line, client }: RpcCall, method: string): boolean {
  const capability = capabilityFor(method);
  return line.carries && capability !== undefined && declares(client.capabilitiesText, capability);
}

async function collect(
  call: RpcCall,
  session: Session,
  server: string,
  box: string,
  requests: readonly InputRequest[],
): Promise<Outcome<string>> {
  const open = new Set(requests.map(({ key }) => key));
  const answers: string[] = [];
  while (open.size > 0) {
    const mail = await nextMail(call, session, server, box);
    if (!mail.ok) return mail;
    const key = String(JSON.parse(memberText(mail.value, "key") ?? '""'));
    const message = memberText(mail.value, "message") ?? "{}";
    const resultText = memberText(message, "result");
    if (resultText === undefined) return refusedBy(server, message);
    // A second answer to the same question comes too late.
    if (open.delete(key)) answers.push(`${JSON.stringify(key)}:${resultText}`);
  }
  return success(`{${answers.join(",")}}`);
}

async function nextMail(call: RpcCall, session: Session, server: string, box: string): Promise<Outcome<string>> {
  const { house, line, deadlineAt } = call;
  const gone = whenAborted(line.signal);
  for (let failed = 0; failed < mostFailedWaits;) {
    const leftMs = deadlineAt - Date.now();
    if (leftMs <= 0) break;
    const wait = askShard(house.env, session.shard, (shard) => shard.waitForMail(box, Math.min(waitMs, leftMs)));
    const mail = await Promise.race([wait, gone]);
    if (mail === "gone") break;
    if (!mail.ok) {
      // A shard that was restarted has forgotten nothing that matters: the client may answer yet.
      failed += 1;
      await scheduler.wait(pauseMs);
    } else if (mail.value !== undefined) return success(mail.value);
  }
  return failure({ code: "interaction_required", server, execution: "unknown", asked: "an answer that did not come" });
}

function whenAborted(signal: AbortSignal): Promise<"gone"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("gone");
    else signal.addEventListener("abort", () => resolve("gone"));
  });
}

/** A round has no place for a refusal, so the call ends with it. */
function refusedBy(server: string, message: string): Outcome<never> {
  const error = memberText(message, "error") ?? "{}";
  const said: unknown = JSON.parse(memberText(error, "message") ?? '""');
  return failure({
    code: "interaction_required",
    server,
    execution: "unknown",
    asked: "something that the client refused",
    evidence: typeof said === "string" ? said.slice(0, 300) : "",
  });
}
