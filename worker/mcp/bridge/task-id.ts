/** Tasks (SEP-2663) have ids of their server's making; a client is given them sealed, with the server's name inside. */
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import type { RpcCall } from "../rpc-call.ts";
import type { Errand } from "./errand.ts";
import { sealTask } from "./sealed.ts";

/** A task may be asked for a while after it has ended, and one without an end of its own for so long. */
const graceMs = 3_600_000;
const longestMs = 30 * 24 * 3_600_000;

/** A CreateTaskResult for the client. */
export async function withSealedTask(
  call: RpcCall,
  { server, tool = "" }: Errand,
  resultText: string,
): Promise<string> {
  const taskId = String(JSON.parse(memberText(resultText, "taskId") ?? '""'));
  const ttlMs = Number(memberText(resultText, "ttlMs") ?? Number.NaN);
  const lifeMs = ttlMs >= 0 ? Math.min(ttlMs + graceMs, longestMs) : longestMs;
  const sealed = await sealTask(call, { server, tool, taskId }, Date.now() + lifeMs);
  return withMember(resultText, "taskId", JSON.stringify(sealed));
}
