/**
 * `tasks/get`, `tasks/update`, `tasks/cancel` of the tasks extension (SEP-2663). A task's id is sealed together with its
 * server, so any request finds it. The answers that `tasks/update` brings are the task's, and no round of this request.
 */
import { success } from "../../../core/contract/outcome.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember } from "../../../core/protocol/result-text.ts";
import { knowsTasks, missingTasks } from "../bridge/capabilities.ts";
import { relay } from "../bridge/relay.ts";
import { openTask } from "../bridge/sealed.ts";
import { mayUse } from "../offering.ts";
import { rpcError, type Method, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { admitFor } from "./admit-for.ts";

export const getTask: Method = (call) => ask(call);
export const updateTask: Method = (call) => ask(call);
export const cancelTask: Method = (call) => ask(call);

async function ask(call: RpcCall): Promise<RpcOutcome> {
  const { method, params, paramsText, client } = call;
  if (!knowsTasks(client.capabilitiesText)) return missingTasks();
  const { taskId: sealed } = params;
  const task = typeof sealed === "string" ? await openTask(call, sealed) : undefined;
  if (task === undefined || !mayUse(call.caller.principal, task.server, task.tool)) {
    return rpcError(rpcCodes.invalidParams, "Task not found");
  }
  const { server, taskId } = task;
  const admitted = await admitFor(call, server);
  if (!admitted.ok) return admitted;
  const question = {
    method,
    paramsText: withMember(paramsText, "taskId", JSON.stringify(taskId)),
    name: taskId,
    safe: method === "tasks/get",
  };
  const outcome = await relay(admitted.value, { server, mayAsk: false, question: () => success(question) });
  if (!outcome.ok || memberText(outcome.resultText, "taskId") === undefined) return outcome;
  return { ...outcome, resultText: withMember(outcome.resultText, "taskId", JSON.stringify(sealed)) };
}
