/**
 * Finds out how a replica is to be spoken to, and opens the conversation (specification, "versioning"): ask as the
 * modern era does; a refusal without a modern body means `initialize`; a refusal of that means an event stream.
 * Only what a server says of the protocol is evidence of its era: a 401, a 5xx, silence or a broken connection is
 * a failure, whatever the era.
 */
import type { Networks } from "../contract/bindings.ts";
import type { Failure } from "../contract/failure.ts";
import { failure, success, type Outcome } from "../contract/outcome.ts";
import type { Kind } from "../contract/server.ts";
import { eras } from "../protocol/eras/index.ts";
import { initializeParams } from "../protocol/eras/legacy.ts";
import { isObject } from "../protocol/json-rpc.ts";
import { readDiscovery, readGreeting, type Introduction } from "../protocol/introduction.ts";
import { exchange } from "./exchange.ts";
import { kinds } from "./kinds/index.ts";
import type { Bounds, Exchange, Link } from "./link.ts";

export type { ServerCapabilities } from "../protocol/introduction.ts";

export interface Target {
  readonly server: string;
  readonly replica: string;
  readonly url: string;
  /** As the operator said; absent means "find out". */
  readonly kind?: Kind;
  readonly headers: Readonly<Record<string, string>>;
  readonly network: Link["network"];
  /** What the client behind this connection can do, a JSON object as text: legacy servers are told here and only here. */
  readonly clientCapabilitiesText?: string;
}

export interface Negotiated extends Omit<Introduction, "protocolVersion"> {
  readonly connection: Link;
}

type Found = Outcome<Negotiated>;

const maxRedirects = 3;

export async function negotiate(target: Target, bounds: Bounds, networks: Networks): Promise<Found> {
  let { url } = target;
  for (let hops = 0; ; hops++) {
    const found = await negotiateAt({ ...target, url }, bounds, networks);
    if (found.ok || found.failure.code !== "server_redirects" || hops === maxRedirects) return found;
    // A connector's servers have no addresses here that they could point to.
    if (target.network === "connector") return found;
    const next = sameOrigin(url, found.failure.location);
    if (next === undefined) return found;
    url = next;
  }
}

/** Where a redirect may lead: this origin was checked when the server was registered, another one was not. */
function sameOrigin(from: string, location: string): string | undefined {
  const next = URL.parse(location, from);
  const base = new URL(from);
  // Not `origin`, which is "null" for each address of a scheme that browsers do not know.
  if (next === null || next.protocol !== base.protocol || next.host !== base.host) return undefined;
  if (next.username !== "" || next.password !== "" || next.hash !== "") return undefined;
  return next.href;
}

async function negotiateAt(target: Target, bounds: Bounds, networks: Networks): Promise<Found> {
  if (target.kind === "sse") return greet(target, "sse", bounds, networks);
  const discovered = await discover(target, bounds, networks);
  if (discovered) return discovered;
  const greeted = await greet(target, target.kind ?? "http", bounds, networks);
  if (greeted.ok || target.kind !== undefined || !isRefusal(greeted.failure)) return greeted;
  const streamed = await greet(target, "sse", bounds, networks);
  // Where there is no stream either, the answer to `initialize` tells more.
  return streamed.ok || streamed.failure.code === "server_redirects" ? streamed : greeted;
}

/** Undefined: this is a legacy server. */
async function discover(target: Target, bounds: Bounds, networks: Networks): Promise<Found | undefined> {
  const first = await discoverAs(target, eras.modern.versions[0] ?? "", bounds, networks);
  if (first === undefined || first.ok) return first;
  // "Not in that version, but in these": the client's part is to ask again in one of them, even in the same.
  const version = offeredVersion(first.failure);
  return version === undefined ? first : discoverAs(target, version, bounds, networks);
}

async function discoverAs(
  target: Target,
  version: string,
  bounds: Bounds,
  networks: Networks,
): Promise<Found | undefined> {
  const connection = linkOf(target, target.kind ?? "http", "modern", version);
  const answered = await exchange(question(target, connection, "server/discover", "{}"), bounds, networks);
  if (!answered.ok) return isLegacy(answered.failure) ? undefined : answered;
  const said = readDiscovery(answered.value.resultText);
  if (said === undefined) return undefined;
  const { protocolVersion, ...rest } = said;
  return success({ connection: { ...connection, protocolVersion }, ...rest });
}

function offeredVersion(reason: Failure): string | undefined {
  if (reason.code !== "server_error" || reason.rpcCode !== -32022) return undefined;
  return eras.modern.versions.find((version) => supportedIn(reason.rpcData).includes(version));
}

/** The `supported` of an UnsupportedProtocolVersion error. */
function supportedIn(data: string | undefined): readonly unknown[] {
  const said: unknown = data === undefined ? undefined : JSON.parse(data);
  return isObject(said) && Array.isArray(said["supported"]) ? said["supported"] : [];
}

async function greet(target: Target, kind: Kind, bounds: Bounds, networks: Networks): Promise<Found> {
  const opening = linkOf(target, kind, "legacy", "");
  const params = initializeParams(target.clientCapabilitiesText);
  const answered = await exchange(question(target, opening, "initialize", params), bounds, networks);
  if (!answered.ok) return answered;
  const { resultText, sessionId } = answered.value;
  const said = readGreeting(resultText);
  if (said === undefined) {
    const evidence = "initialize was answered in no protocol version that we speak";
    return failure({ code: "answer_invalid", server: target.server, execution: "not_executed", evidence });
  }
  const { protocolVersion, ...rest } = said;
  const connection: Link = { ...opening, protocolVersion, ...(sessionId === undefined ? {} : { sessionId }) };
  const confirmed = await kinds[kind].confirm(question(target, connection, "", "{}"), bounds, networks);
  return confirmed.ok ? success({ connection, ...rest }) : confirmed;
}

function linkOf({ replica, url, headers, network }: Target, kind: Kind, era: Link["era"], version: string): Link {
  return { replica, url, headers, network, kind, era, protocolVersion: version };
}

function question(target: Target, connection: Link, method: string, paramsText: string): Exchange {
  const { server, clientCapabilitiesText } = target;
  const told = clientCapabilitiesText === undefined ? {} : { clientCapabilitiesText };
  return { connection, server, method, paramsText, safe: true, ...told };
}

/** The server understood the transport but not the request, or not even that: 4xx, but for those about something else. */
function isRefusal(reason: Failure): boolean {
  if (reason.code === "server_error") return true;
  return reason.code === "server_status" && reason.status < 500 && reason.status !== 408;
}

/** Codes that only the modern era has. */
const modernCodes = new Set([-32020, -32021, -32022]);

function isLegacy(reason: Failure): boolean {
  if (!isRefusal(reason)) return false;
  if (reason.code !== "server_error" || !modernCodes.has(reason.rpcCode)) return true;
  // Modern, but it names the versions it serves: perhaps some that open with `initialize`.
  const supported = supportedIn(reason.rpcData);
  return eras.legacy.versions.some((version) => supported.includes(version));
}

/** Tells a legacy server that its session is over; whether it listens is its own affair. */
export function endSession(connection: Link, networks: Networks): Promise<void> {
  return kinds[connection.kind].end(connection, networks);
}
