/** The legacy era: `initialize`, then requests in a session, or without one where the specification lets them. */
import { versionHeader } from "../../core/protocol/classify.ts";
import { readRequestMeta, type RequestMeta } from "../../core/protocol/envelope.ts";
import { eras } from "../../core/protocol/eras/index.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import { withoutMember } from "../../core/protocol/result-text.ts";
import { takesOf } from "./accept.ts";
import { takeResponse, tellRootsChanged } from "./bridge/responses.ts";
import { enter, type Entry } from "./entry.ts";
import { findSession, missingSession, type InSession } from "./find-session.ts";
import { initialize } from "./initialize.ts";
import { legacyMethods, methodIn, sessionMethods } from "./methods/index.ts";
import { longestCallMs, type Line, type RpcCall } from "./rpc-call.ts";
import { rpcCodes } from "./rpc-error.ts";
import { notAcceptable, plain, refuse, sayError, sayOutcome, taken, type Asker } from "./say.ts";
import { changeState } from "./session-state.ts";
import { answerWith } from "./stream/answer.ts";
import { callBox, post } from "./stream/handover.ts";
import { openListening } from "./stream/listening.ts";
import type { PostedVisit, Visit } from "./visit.ts";

/** What a client speaks that does not say (2025-06-18, "Streamable HTTP", protocol version header). */
const unsaidVersion = "2025-03-26";

export async function answerLegacy(visit: PostedVisit): Promise<Response> {
  const { message, request } = visit;
  const asker = askerOf(visit, message.idText);
  if (message.is === "request" && message.method === "initialize") return initialize(visit, asker);
  const refusal = wrongVersion(request.headers, asker);
  if (refusal) return refusal;
  const finding = findSession(visit, asker);
  const entry = await enter(visit, message.method, message.params);
  if (!entry.ok) return refuse(asker, entry.failure);
  const found = await finding;
  if (!found.ok) return found.response;
  if (message.is === "request") return answerRequest(visit, asker, entry.value, found.in);
  entry.value.caller.giveBack();
  if (message.is === "notification") return takeNotification(visit, found.in);
  if (!found.in) return missingSession(asker);
  const passedOn = await takeResponse(visit.house, found.in.session, message.text);
  return passedOn.ok ? taken() : refuse(asker, passedOn.failure);
}

/** `DELETE`: the client ends its session. */
export async function endSession(visit: Visit): Promise<Response> {
  const asker = askerOf(visit);
  const [entry, found] = await Promise.all([enter(visit, ""), findSession(visit, asker)]);
  if (!entry.ok) return refuse(asker, entry.failure);
  if (!found.ok) return found.response;
  if (!found.in) return missingSession(asker);
  const ended = await changeState(visit.house, found.in.session, { is: "end" });
  return ended.ok ? new Response(null, { status: 204 }) : refuse(asker, ended.failure);
}

/** `GET`: the client listens. */
export async function openStream(visit: Visit): Promise<Response> {
  const asker = askerOf(visit);
  if (!takesOf(visit.request).stream) return notAcceptable("text/event-stream");
  const refusal = wrongVersion(visit.request.headers, asker);
  if (refusal) return refusal;
  const [entry, found] = await Promise.all([enter(visit, ""), findSession(visit, asker)]);
  if (!entry.ok) return refuse(asker, entry.failure);
  if (!found.ok) return found.response;
  if (!found.in) return missingSession(asker);
  return openListening(visit, entry.value, found.in, asker);
}

async function answerRequest(
  visit: PostedVisit,
  asker: Asker,
  entry: Entry,
  inSession: InSession | undefined,
): Promise<Response> {
  const { house, message, takes } = visit;
  const { method, idText = "null" } = message;
  const run = methodIn(legacyMethods, method);
  if (!run) return plain(sayError(asker, { code: rpcCodes.methodNotFound, message: "Method not found" }));
  if (!inSession && sessionMethods.has(method)) return missingSession(asker);
  const meta = readRequestMeta(message.paramsText);
  if (!meta.ok) return plain(sayError(asker, meta.error));
  const client = { takes, idText, dressing: visit.dressing, ...(inSession ? { session: inSession.session } : {}) };
  return answerWith(house, client, async (line) =>
    sayOutcome(asker, await run(callOf(visit, idText, entry, inSession, meta.value, line))),
  );
}

async function takeNotification({ house, message }: PostedVisit, inSession: InSession | undefined): Promise<Response> {
  const cancelled = memberText(message.paramsText, "requestId");
  if (inSession && message.method === "notifications/cancelled" && cancelled !== undefined) {
    await post(house, inSession.session, callBox(inSession.session, cancelled), { is: "cancel" });
  }
  if (inSession && message.method === "notifications/roots/list_changed") {
    house.waitUntil(tellRootsChanged(house, inSession.session));
  }
  return taken();
}

function callOf(
  visit: PostedVisit,
  idText: string,
  entry: Entry,
  inSession: InSession | undefined,
  { progressTokenText, metaText }: RequestMeta,
  line: Line,
): RpcCall {
  const { house, identity, request, message } = visit;
  const session = inSession?.session;
  const logLevel = inSession?.state.logLevel;
  return {
    house,
    identity,
    ...entry,
    client: {
      era: "legacy",
      protocolVersion: session?.protocolVersion ?? request.headers.get(versionHeader) ?? unsaidVersion,
      capabilitiesText: session?.capabilitiesText ?? "{}",
      ...(logLevel === undefined ? {} : { logLevel }),
      ...(session ? { session } : {}),
    },
    method: message.method,
    idText,
    params: message.params,
    paramsText: withoutMember(message.paramsText, "_meta"),
    ...(progressTokenText === undefined ? {} : { progressTokenText }),
    ...(metaText === undefined ? {} : { metaText }),
    checkParams: () => ({ ok: true, value: undefined }),
    deadlineAt: Date.now() + longestCallMs,
    line,
  };
}

function wrongVersion(headers: Headers, asker: Asker): Response | undefined {
  const version = headers.get(versionHeader);
  if (version === null || eras.legacy.versions.includes(version)) return undefined;
  const message = `MCP-Protocol-Version is none of ${eras.legacy.versions.join(", ")}`;
  return plain(sayError(asker, { code: rpcCodes.invalidRequest, message, status: 400 }));
}

function askerOf({ house }: Visit, idText?: string): Asker {
  return { era: "legacy", requestId: house.requestId, ...(idText === undefined ? {} : { idText }) };
}
