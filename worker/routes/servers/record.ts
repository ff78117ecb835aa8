/** From what an operator says of a server to what Fleet keeps of it: address checked, credentials sealed. */
import type { FieldFault } from "../../../core/contract/failure.ts";
import { toLimit } from "../../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Kind, ServerInput, ServerPatch, ServerRecord } from "../../../core/contract/server.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal } from "../../../core/secrets/seal.ts";
import { isConnectorUrl, registeredUrl } from "../../../core/upstream/connector-address.ts";
import { isServiceUrl, serviceNames } from "../../../core/upstream/services.ts";
import { checkTarget } from "../../../core/upstream/target.ts";
import type { House } from "../../house.ts";

export const defaultTimeoutMs = 60_000;
export const defaultMaxAnswerBytes = 16 * 1024 * 1024;

/** `GET /servers/count` is a route. */
const reservedIds: ReadonlySet<string> = new Set(["count"]);

/** The gateway's own to set, for each request anew. */
const ownHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function newRecord(house: House, input: ServerInput, now: number): Promise<Outcome<ServerRecord>> {
  const { id, ...said } = input;
  if (reservedIds.has(id)) return Promise.resolve(invalid({ path: "/id", message: "is a word of the API" }));
  const blank: ServerRecord = {
    id,
    url: "",
    headerNames: [],
    timeoutMs: defaultTimeoutMs,
    maxAnswerBytes: defaultMaxAnswerBytes,
    allowPrivate: false,
    trusted: false,
    disabled: false,
    createdAt: now,
    updatedAt: now,
  };
  return changedRecord(house, blank, said, now);
}

/** What the patch leaves out stays; null goes back to what a server has when nothing is said. */
export async function changedRecord(
  house: House,
  record: ServerRecord,
  patch: ServerPatch,
  now: number,
): Promise<Outcome<ServerRecord>> {
  const allowPrivate = patch.allowPrivate === undefined ? record.allowPrivate : (patch.allowPrivate ?? false);
  const url = isBehindConnector(record, patch)
    ? connectorAddress(record.id, patch.url)
    : addressOf(house, record, patch.url ?? record.url, allowPrivate);
  if (!url.ok) return url;
  const credentials = await sealedHeaders(house, record, patch.headers);
  if (!credentials.ok) return credentials;
  const { kind, title, limit, maxInFlight, sealedHeaders: _, headerNames: __, ...kept } = record;
  const reached = kindFor(url.value, patch.kind, kind);
  if (!reached.ok) return reached;
  const newKind = reached.value;
  const newTitle = patch.title === undefined ? title : (patch.title ?? undefined);
  const newLimit = patch.limit === undefined ? limit : patch.limit ? toLimit(patch.limit) : undefined;
  const newInFlight = patch.maxInFlight === undefined ? maxInFlight : (patch.maxInFlight ?? undefined);
  return success({
    ...kept,
    ...credentials.value,
    url: url.value,
    ...(newKind ? { kind: newKind } : {}),
    ...(newTitle ? { title: newTitle } : {}),
    ...(newLimit ? { limit: newLimit } : {}),
    ...(newInFlight === undefined ? {} : { maxInFlight: newInFlight }),
    timeoutMs: patch.timeoutMs === undefined ? record.timeoutMs : (patch.timeoutMs ?? defaultTimeoutMs),
    maxAnswerBytes:
      patch.maxAnswerBytes === undefined ? record.maxAnswerBytes : (patch.maxAnswerBytes ?? defaultMaxAnswerBytes),
    allowPrivate,
    trusted: patch.trusted === undefined ? record.trusted : (patch.trusted ?? false),
    disabled: patch.disabled === undefined ? record.disabled : (patch.disabled ?? false),
    updatedAt: now,
  });
}

/** An address that was accepted once is not judged anew when nothing about it changes. */
function addressOf(house: House, record: ServerRecord, url: string, allowPrivate: boolean): Outcome<string> {
  if (url === "") return invalid({ path: "/url", message: "is required, but for a server of kind connector" });
  if (url === record.url && allowPrivate === record.allowPrivate) return success(url);
  const target = checkTarget(url, { allowPrivate, bind: house.env.BIND, services: serviceNames(house.env) });
  return target.ok ? success(target.value.url) : target;
}

/** Asked for as such, or so before and given no other address. */
function isBehindConnector({ id, kind }: ServerRecord, patch: ServerPatch): boolean {
  if (patch.kind !== undefined && patch.kind !== null) return patch.kind === "connector";
  return patch.url === undefined ? kind === "connector" : patch.url === registeredUrl(id);
}

/** It has no address but the one that its id gives it: its connector dials us. */
function connectorAddress(id: string, said: string | undefined): Outcome<string> {
  const url = registeredUrl(id);
  if (said === undefined || said === url) return success(url);
  return invalid({ path: "/url", message: `is ${url} for a server behind a connector; leave it out` });
}

/** The address alone says whether it leads to a bound Worker; what it is said to be besides must fit. */
function kindFor(url: string, said: Kind | null | undefined, before: Kind | undefined): Outcome<Kind | undefined> {
  if (isConnectorUrl(url)) return success("connector");
  const isService = isServiceUrl(url);
  if (said && isService !== (said === "service")) {
    const message = isService ? "is service for a service:// address" : "is for service:// addresses only";
    return invalid({ path: "/kind", message });
  }
  if (isService) return success("service");
  if (said !== undefined) return success(said ?? undefined);
  return success(before === "service" || before === "connector" ? undefined : before);
}

type Credentials = Pick<ServerRecord, "headerNames" | "sealedHeaders">;

/** Headers are replaced as a whole: an operator who sees only their names cannot mean to change one of them. */
async function sealedHeaders(
  house: House,
  record: ServerRecord,
  headers: Readonly<Record<string, string>> | null | undefined,
): Promise<Outcome<Credentials>> {
  if (headers === undefined) {
    const { headerNames, sealedHeaders: sealed } = record;
    return success({ headerNames, ...(sealed === undefined ? {} : { sealedHeaders: sealed }) });
  }
  const names = Object.keys(headers ?? {});
  if (names.length === 0) return success({ headerNames: [] });
  const fault = headerFault(names);
  if (fault) return invalid(fault);
  const keyring = await openKeyring(house.env.PATCHBAY_SECRET);
  const sealed = await seal(keyring, JSON.stringify(headers), `server:${record.id}`);
  return success({ headerNames: names, sealedHeaders: sealed });
}

function headerFault(names: readonly string[]): FieldFault | undefined {
  const lower = names.map((name) => name.toLowerCase());
  for (const [index, name] of lower.entries()) {
    const path = `/headers/${names[index]?.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (ownHeaders.has(name)) return { path, message: "is set by the gateway itself" };
    if (lower.indexOf(name) !== index) return { path, message: "stands twice, in different case" };
  }
  return undefined;
}

function invalid(fault: FieldFault): Outcome<never> {
  return failure({ code: "invalid_fields", fields: [fault] });
}
