/** Failures of a server behind the gateway, and of the gateway itself. */
import { page } from "./page.ts";

const seeServer = "See `GET /servers/{id}` for the server's state and reason.";

export const ofServers = {
  server_down: page(
    502,
    "The server is down",
    "The server could not be reached lately, so the call was not sent.",
    seeServer,
    true,
  ),
  breaker_open: page(
    503,
    "The server fails",
    "Too many of the latest calls to this server have failed, so the call was not sent. One call at a time finds out whether the server is well again.",
    "Wait as long as `Retry-After` says. `GET /servers/{id}` says what failed.",
    true,
  ),
  server_disabled: page(
    503,
    "The server is switched off",
    "An operator has disabled this server. The call was not sent.",
    "Ask the operator, or `PATCH /servers/{id}` with `disabled: false`.",
  ),
  server_timeout: page(
    504,
    "The server did not answer in time",
    "No complete answer came within the deadline. Whether the tool ran is in `execution`.",
    "Raise `timeoutMs` on the server if the tool needs longer; before repeating a call, check whether it ran.",
  ),
  outcome_unknown: page(
    502,
    "Nobody knows whether the tool ran",
    "The connection broke after the call was sent. The tool may have run, so the gateway did not send it again.",
    "Check the effect before repeating the call.",
  ),
  server_unreachable: page(
    502,
    "The server could not be reached",
    "The connection to the server broke.",
    seeServer,
    true,
  ),
  answer_empty: page(502, "Empty answer", "The server answered with nothing.", seeServer),
  answer_html: page(
    502,
    "A web page instead of an answer",
    "The server answered with HTML: often a login page, a proxy, or a wrong address.",
    "Check the server's `url`.",
  ),
  answer_not_json: page(502, "Garbage instead of an answer", "The server's answer is not JSON.", seeServer),
  answer_truncated: page(502, "The answer was cut off", "The server's answer ended before it was complete.", seeServer),
  answer_wrong_id: page(
    502,
    "An answer to another question",
    "The server answered with another request's id.",
    seeServer,
  ),
  answer_invalid: page(
    502,
    "Not an MCP answer",
    "The server's answer is JSON, but not a valid JSON-RPC answer.",
    seeServer,
  ),
  answer_too_large: page(
    502,
    "The answer is too large",
    "The server's answer is larger than the gateway takes from it.",
    "Ask for less, or raise `maxAnswerBytes` on the server.",
  ),
  server_status: page(
    502,
    "The server answered with an error status",
    "The server refused or failed with an HTTP status.",
    seeServer,
  ),
  server_busy: page(
    503,
    "The server is busy",
    "The server said that it gets too many requests, or as many calls are under way as it is sent at once. The call was not made.",
    "Wait as long as `Retry-After` says.",
    true,
  ),
  server_refused_credential: page(
    502,
    "The server refused the gateway's credential",
    "The server answered 401 or 403 to the credential that the gateway holds for it.",
    "Set new `headers` with `PATCH /servers/{id}`.",
  ),
  server_redirects: page(
    502,
    "The server redirects",
    "The server answered with a redirect, which the gateway does not follow with a credential in hand.",
    "Register the address that it redirects to.",
  ),
  session_lost: page(
    502,
    "The session was lost twice",
    "The server forgot its session, and again right after a new one was made. The call was not made.",
    seeServer,
    true,
  ),
  server_error: page(
    502,
    "The server answered with an error",
    "The server answered with a JSON-RPC error, which is in `rpcError`.",
    "See `rpcError`; for code -32602 correct the arguments.",
  ),
  interaction_required: page(
    422,
    "The tool asks something back",
    "The tool needs an answer from a person or a model in the middle of the call, which this route cannot carry.",
    "Call it over MCP with a client that can answer.",
  ),

  moved: page(503, "Moving house", "The server or key is moving to another shard at this moment.", "Ask again.", true),
  shard_unavailable: page(
    503,
    "A shard does not answer",
    "The shard that owns this could not be reached.",
    "Ask again; see `GET /health`.",
    true,
  ),
  fleet_unavailable: page(
    503,
    "The control plane does not answer",
    "Fleet could not be reached. Calls go on with what is known.",
    "Ask again.",
    true,
  ),
  overloaded: page(
    503,
    "Too busy",
    "The gateway has more work than it can take at this moment.",
    "Wait as long as `Retry-After` says.",
    true,
  ),
  park_lost: page(
    409,
    "The call is not waiting any more",
    "The call that waited for your answers has ended: its time was over, or its shard was restarted.",
    "Start the call again.",
  ),
  internal: page(
    500,
    "A fault of the gateway",
    "Something went wrong inside the gateway. The log has it under the request id.",
    "Report it with the request id.",
  ),
};
