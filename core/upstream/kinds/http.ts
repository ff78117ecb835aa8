/** Streamable HTTP: one POST per request, answered with JSON or with an event stream, in both eras. */
import type { Networks } from "../../contract/bindings.ts";
import { success, type Outcome } from "../../contract/outcome.ts";
import { eras } from "../../protocol/eras/index.ts";
import { nextRequestId, notificationText, requestText } from "../../protocol/json-rpc.ts";
import { startDeadline } from "../deadline.ts";
import { dial } from "../dial.ts";
import { judgeStatus } from "../judge-status.ts";
import type { Answer, Bounds, Exchange, Link } from "../link.ts";
import type { Pending } from "../pending.ts";
import { postBeside, postRequest } from "../post.ts";
import { readAnswer } from "../read-answer.ts";
import { discard } from "../read-body.ts";
import { broken, timedOut } from "../refusal.ts";
import { connectionHeaders } from "../request-headers.ts";
import type { KindWire } from "./kind-wire.ts";

const goodbyeMs = 3_000;

async function exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>> {
  const deadline = startDeadline(bounds);
  if (!deadline) return timedOut(x, 0, "not_executed");
  const pending: Pending = { x, id: nextRequestId(), bounds, deadline, networks };
  const params = eras[x.connection.era].params(x.paramsText, x.connection, x);
  try {
    let response: Response;
    try {
      response = await postRequest(pending, requestText(pending.id, x.method, params));
    } catch (error) {
      return broken(x, deadline, error);
    }
    return await readAnswer(pending, response);
  } finally {
    deadline.stop();
  }
}

async function confirm(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<void>> {
  const deadline = startDeadline(bounds);
  if (!deadline) return timedOut(x, 0, "not_executed");
  const pending: Pending = { x, id: "", bounds, deadline, networks };
  try {
    const response = await postBeside(pending, notificationText("notifications/initialized"));
    if (response.ok) {
      discard(response);
      return success(undefined);
    }
    const judged = await judgeStatus(pending, response);
    return judged.ok ? success(undefined) : judged;
  } catch (error) {
    return broken(x, deadline, error);
  } finally {
    deadline.stop();
  }
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

export const http: KindWire = { exchange, confirm, end };
