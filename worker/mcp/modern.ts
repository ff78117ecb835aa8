/**
 * The modern era: every request stands alone and says in its envelope who asks and what that client can do. No session,
 * so `Mcp-Session-Id` is not looked at; a client that closes the stream has cancelled.
 */
import { versionHeader } from "../../core/protocol/classify.ts";
import { readEnvelope, type Envelope } from "../../core/protocol/envelope.ts";
import { eras } from "../../core/protocol/eras/index.ts";
import { checkMirrored } from "../../core/protocol/mirrored-headers.ts";
import { withoutMember } from "../../core/protocol/result-text.ts";
import { enter, type Entry } from "./entry.ts";
import { modernMethods, methodIn } from "./methods/index.ts";
import { longestCallMs, type Line, type RpcCall } from "./rpc-call.ts";
import { rpcCodes } from "./rpc-error.ts";
import { plain, refuse, sayError, sayOutcome, taken } from "./say.ts";
import { answerWith } from "./stream/answer.ts";
import type { PostedVisit } from "./visit.ts";

export function isModernHeader(headers: Headers): boolean {
  return eras.modern.versions.includes(headers.get(versionHeader) ?? "");
}

export async function answerModern(visit: PostedVisit): Promise<Response> {
  const { house, request, message, takes } = visit;
  const { method, params, idText } = message;
  const asker = { era: "modern", requestId: house.requestId, ...(idText === undefined ? {} : { idText }) } as const;
  if (idText === undefined) {
    const entry = await enter(visit, "");
    return entry.ok ? taken() : refuse(asker, entry.failure);
  }
  const envelope = readEnvelope(message.paramsText);
  if (!envelope.ok) return plain(sayError(asker, envelope.error));
  const mirrored = checkMirrored(request.headers, method, params);
  if (!mirrored.ok) return plain(sayError(asker, mirrored.error));
  const run = methodIn(modernMethods, method);
  if (!run) {
    return plain(sayError(asker, { code: rpcCodes.methodNotFound, message: "Method not found", status: 404 }));
  }
  const entry = await enter(visit, method, params);
  if (!entry.ok) return refuse(asker, entry.failure);
  return answerWith(house, { takes, idText, dressing: visit.dressing }, async (line) =>
    sayOutcome(asker, await run(callOf(visit, idText, entry.value, envelope.value, line))),
  );
}

function callOf(visit: PostedVisit, idText: string, entry: Entry, envelope: Envelope, line: Line): RpcCall {
  const { house, identity, request, message } = visit;
  const { method, params, paramsText } = message;
  const { progressTokenText, metaText, protocolVersion, capabilitiesText, logLevel } = envelope;
  return {
    house,
    identity,
    ...entry,
    client: {
      era: "modern",
      protocolVersion,
      capabilitiesText,
      ...(logLevel === undefined ? {} : { logLevel }),
    },
    method,
    idText,
    params,
    paramsText: withoutMember(paramsText, "_meta"),
    ...(progressTokenText === undefined ? {} : { progressTokenText }),
    ...(metaText === undefined ? {} : { metaText }),
    checkParams: (paramHeaders) => checkMirrored(request.headers, method, params, paramHeaders),
    deadlineAt: Date.now() + longestCallMs,
    line,
  };
}
