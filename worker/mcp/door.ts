/** The MCP door: `/mcp`, `/mcp/servers/{id}`, `/mcp/toolsets/{id}`. What a request is, and which era answers it. */
import type { Context, Handler } from "hono";
import { classifyRequest } from "../../core/protocol/classify.ts";
import { memberSpans } from "../../core/protocol/json-text.ts";
import { houseOf, type AppEnv } from "../house.ts";
import { dressing } from "../render/dress.ts";
import { readBody } from "../routes/body.ts";
import { isJson, takesOf } from "./accept.ts";
import { answerLegacy, endSession, openStream } from "./legacy.ts";
import { answerModern, isModernHeader } from "./modern.ts";
import type { Offering } from "./rpc-call.ts";
import { notAcceptable, plain, refuse, sayError } from "./say.ts";
import type { Message, Visit } from "./visit.ts";

/** After `sameOrigin` and `known`. */
export function mcpDoor(what: Offering["is"]): Handler<AppEnv> {
  return (c) => {
    const visit = visitOf(c, offeringOf(what, c.req.param("id") ?? ""));
    const { method, headers } = visit.request;
    if (method === "POST") return answerPost(visit);
    // Stateless, it has nothing to listen to and nothing to end.
    if (isModernHeader(headers)) return notAllowed("POST");
    if (method === "GET") return openStream(visit);
    return method === "DELETE" ? endSession(visit) : notAllowed("GET, POST, DELETE");
  };
}

function offeringOf(is: Offering["is"], id: string): Offering {
  if (is === "everything") return { is };
  return is === "server" ? { is, server: id } : { is, toolset: id };
}

async function answerPost(visit: Visit): Promise<Response> {
  const { request, house } = visit;
  const stranger = { era: "legacy", requestId: house.requestId } as const;
  if (!isJson(request)) {
    return refuse(stranger, { code: "unsupported_media_type", got: request.headers.get("content-type") ?? "nothing" });
  }
  const takes = takesOf(request);
  if (!takes.json && !takes.stream) return notAcceptable("application/json, text/event-stream");
  const body = await readBody(request);
  if (!body.ok) return refuse(stranger, body.failure);
  const { text, value } = body.value;
  const spans = memberSpans(text);
  const textOf = (name: string): string | undefined => {
    const span = spans.get(name);
    return span && text.slice(span.start, span.end);
  };
  const idText = hasId(value) ? textOf("id") : undefined;
  const asked = classifyRequest(request.headers, value);
  if (asked.is === "refused") {
    return plain(sayError({ ...stranger, ...(idText === undefined ? {} : { idText }) }, asked.error));
  }
  const isResponse = asked.is === "response";
  const message: Message = {
    is: asked.is,
    method: isResponse ? "" : asked.method,
    params: isResponse ? {} : asked.params,
    paramsText: textOf("params") ?? "{}",
    ...(idText === undefined ? {} : { idText }),
    text,
  };
  const posted = { ...visit, message, takes };
  return !isResponse && asked.era === "modern" ? answerModern(posted) : answerLegacy(posted);
}

function visitOf(c: Context<AppEnv>, offering: Offering): Visit {
  return {
    house: houseOf(c),
    identity: c.get("identity"),
    request: c.req.raw,
    endpoint: pathOf(offering),
    offering,
    noteCaller: (caller) => c.set("caller", caller),
    dressing: () => dressing(c),
  };
}

/** However the client wrote it: a session is bound to it. */
function pathOf(offering: Offering): string {
  if (offering.is === "everything") return "/mcp";
  return offering.is === "server" ? `/mcp/servers/${offering.server}` : `/mcp/toolsets/${offering.toolset}`;
}

/** Whatever the rest of the message is like. */
function hasId(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("id" in value)) return false;
  return typeof value.id === "string" || typeof value.id === "number";
}

function notAllowed(allow: string): Response {
  return new Response(null, { status: 405, headers: { allow } });
}
