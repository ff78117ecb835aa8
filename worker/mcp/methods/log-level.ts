/** `logging/setLevel`: kept with the session; servers are told with each call. */
import { result, rpcError, type Method } from "../rpc-call.ts";
import { rpcCodes } from "../rpc-error.ts";
import { changeState } from "../session-state.ts";

/** RFC 5424, section 6.2.1. */
const levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

export const setLevel: Method = async ({ house, client, params }) => {
  const level = levels.find((one) => one === params["level"]);
  if (level === undefined) return rpcError(rpcCodes.invalidParams, `The level must be one of ${levels.join(", ")}`);
  if (!client.session) return rpcError(rpcCodes.invalidRequest, "Needs a session");
  const changed = await changeState(house, client.session, { is: "log_level", level });
  return changed.ok ? result("{}") : changed;
};
