/** Streamable HTTP: one POST per request, answered with JSON or with an event stream, in both eras. */
import type { Networks } from "../../contract/bindings.ts";
import type { Outcome } from "../../contract/outcome.ts";
import { eras } from "../../protocol/eras/index.ts";
import { nextRequestId, notificationText, requestText } from "../../protocol/json-rpc.ts";
import { cancel } from "../cancel.ts";
import { startDeadline } from "../deadline.ts";
import { dial } from "../dial.ts";
import type { Answer, Bounds, Exchange, Link } from "../link.ts";
import type { Pending } from "../pending.ts";
import { postRequest } from "../post.ts";
import { readAnswer } from "../read-answer.ts";
import { discard } from "../read-body.ts";
import { broken, refuse, timedOut } from "../refusal.ts";
import { connectionHeaders } from "../request-headers.ts";
import { tell } from "../tell.ts";
import type { KindWire } from "./kind-wire.ts";
import { listenHttp } from "./listen-http.ts";

const goodbyeMs = 3_000;

async function exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>> {
  if (bounds.signal?.aborted) return refuse(x, "server_unreachable", "the client left", "not_executed");
  const deadline = startDeadline(bounds);
  if (!deadline) return timedOut(x, 0, "not_executed");
  const pending: Pending = { x, id: nextRequestId(), bounds, deadline, networks };
  try {
    const answered = converse(pending);
    if (!bounds.endsWithAnswer) return await answered;
    const late = deadline.over.then(() => timedOut(x, deadline.timeoutMs, "unknown"));
    return await Promise.race([answered, late]);
  } finally {
    deadline.stop();
    if (deadline.expired() || bounds.signal?.aborted) cancel(pending);
  }
}

async function converse(pending: Pending): Promise<Outcome<Answer>> {
  const { x, id, deadline } = pending;
  const params = eras[x.connection.era].params(x.paramsText, x.connection, x);
  let response: Response;
  try {
    response = await postRequest(pending, requestText(id, x.method, params));
  } catch (error) {
    return broken(x, deadline, error);
  }
  return readAnswer(pending, response);
}

function confirm(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<void>> {
  return tell(x, notificationText("notifications/initialized"), bounds, networks);
}

async function end(connection: Link, networks: Networks): Promise<void> {
  if (connection.sessionId === undefined) return;
  const deadline = startDeadline({ deadlineAt: Date.now() + goodbyeMs, maxAnswerBytes: 0 });
  if (!deadline) return;
  const init = { method: "DELETE", headers: connectionHeaders(connection), signal: deadline.signal };
  try {
    discard(await dial(connection.url, init, connection.network, networks));
  } catch {
    // The session then ends when the server tires of it.
  } finally {
    deadline.stop();
  }
}

export const http: KindWire = { exchange, listen: listenHttp, confirm, end };
