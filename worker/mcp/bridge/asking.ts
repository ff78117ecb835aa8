/**
 * A modern server's questions, put to a legacy client as requests on the stream of its call. The client posts its
 * responses, wherever that is; they come to a box at the session's home shard, where this call waits for them.
 */
import type { CancelSignal } from "../../../core/upstream/cancellation.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { cancelledText } from "../../../core/protocol/notifications.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { askShard } from "../../objects.ts";
import type { RpcCall, Session } from "../rpc-call.ts";
import { capabilityFor, declares } from "./capabilities.ts";
import type { InputRequest } from "./input-required.ts";
import { sealAsk } from "./sealed.ts";

/** One wait at the shard. */
const waitMs = 20_000;
const mostFailedWaits = 3;
const pauseMs = 500;

interface Round {
  readonly call: RpcCall;
  readonly session: Session;
  readonly server: string;
  readonly box: string;
  /** Questions without an answer: our ids, as JSON, by the server's keys. */
  readonly open: Map<string, string>;
}

/** The `inputResponses` as JSON object text. */
export async function askClient(
  call: RpcCall,
  server: string,
  requests: readonly InputRequest[],
): Promise<Outcome<string>> {
  const { session } = call.client;
  const unfit = requests.find(({ method }) => !canAsk(call, method));
  if (session === undefined || unfit) return unanswered(server, unfit?.method ?? "");
  const round: Round = { call, session, server, box: `ask:${session.id}:${crypto.randomUUID()}`, open: new Map() };
  for (const request of requests) await ask(round, request);
  const answers = await collect(round);
  if (!answers.ok) for (const id of round.open.values()) call.line.send(cancelledText(id, "the call has ended"));
  return answers;
}

function canAsk({ line, client }: RpcCall, method: string): boolean {
  const capability = capabilityFor(method);
  return line.carries && capability !== undefined && declares(client.capabilitiesText, capability);
}

async function ask({ call, session, box, open }: Round, { key, text }: InputRequest): Promise<void> {
  const id = JSON.stringify(await sealAsk(call.house, session, { is: "mail", shard: session.shard, box, key }));
  open.set(key, id);
  const members = [
    ["jsonrpc", '"2.0"'],
    ["id", id],
  ] as const;
  call.line.send(withMembers(named(text), new Map(members)));
}

/** 2025-11-25 wants an id with each address that is to be opened; the modern era has none. */
function named(text: string): string {
  const params = memberText(text, "params") ?? "{}";
  const isUrl = memberText(params, "mode") === '"url"' && memberText(params, "elicitationId") === undefined;
  if (!isUrl) return text;
  return withMember(text, "params", withMember(params, "elicitationId", JSON.stringify(crypto.randomUUID())));
}

async function collect(round: Round): Promise<Outcome<string>> {
  const answers: string[] = [];
  while (round.open.size > 0) {
    const mail = await nextMail(round);
    if (mail === undefined) return unanswered(round.server, "an answer that did not come");
    const key = String(JSON.parse(memberText(mail, "key") ?? '""'));
    const message = memberText(mail, "message") ?? "{}";
    // A second answer to the same question comes too late.
    if (!round.open.delete(key)) continue;
    const resultText = memberText(message, "result");
    if (resultText === undefined) return refused(round.server, message);
    answers.push(`${JSON.stringify(key)}:${resultText}`);
  }
  return success(`{${answers.join(",")}}`);
}

/** Undefined when the time is over or the client has gone. */
async function nextMail({ call, session, box }: Round): Promise<string | undefined> {
  const { house, line, deadlineAt } = call;
  const gone = whenAborted(line.signal);
  for (let failed = 0; failed < mostFailedWaits;) {
    const leftMs = deadlineAt - Date.now();
    if (leftMs <= 0) return undefined;
    const wait = askShard(house.env, session.shard, (shard) => shard.waitForMail(box, Math.min(waitMs, leftMs)));
    const mail = await Promise.race([wait, gone]);
    if (mail === "gone") return undefined;
    if (mail.ok && mail.value !== undefined) return mail.value;
    if (mail.ok) continue;
    // A shard that was restarted has forgotten nothing that matters: the client may answer yet.
    failed += 1;
    await scheduler.wait(pauseMs);
  }
  return undefined;
}

function whenAborted(signal: CancelSignal): Promise<"gone"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("gone");
    else signal.addEventListener("abort", () => resolve("gone"));
  });
}

/** A round has no place for a refusal, so the call ends with it. */
function refused(server: string, message: string): Outcome<never> {
  const said: unknown = JSON.parse(memberText(memberText(message, "error") ?? "{}", "message") ?? '""');
  return unanswered(server, "something that the client refused", String(said).slice(0, 300));
}

function unanswered(server: string, asked: string, evidence?: string): Outcome<never> {
  const seen = evidence === undefined ? {} : { evidence };
  return failure({ code: "interaction_required", server, execution: "unknown", asked, ...seen });
}
