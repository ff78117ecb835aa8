/** One HTTP request at an MCP endpoint, its key known by shape and MAC; and the message in it. */
import type { Caller, House } from "../house.ts";
import type { Identity } from "../identity/index.ts";
import type { Takes } from "./accept.ts";
import type { Offering } from "./rpc-call.ts";

export interface Visit {
  readonly house: House;
  readonly identity: Identity;
  readonly request: Request;
  /** The path: `/mcp`, `/mcp/servers/{id}`, `/mcp/toolsets/{id}`. */
  readonly endpoint: string;
  /** What the path names; a key's own default comes on top, see entry.ts. */
  readonly offering: Offering;
  /** Lets the answer's headers tell of the caller's limits. */
  noteCaller(caller: Caller): void;
  /** The headers that every answer wears; who takes them puts them on. */
  readonly dressing: () => Readonly<Record<string, string>>;
}

export interface Message {
  readonly is: "request" | "notification" | "response";
  /** Empty in a response. */
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A JSON object as text, `_meta` and all. */
  readonly paramsText: string;
  /** Raw JSON; absent in a notification. */
  readonly idText?: string;
  /** The whole, as it was sent. */
  readonly text: string;
}

export interface PostedVisit extends Visit {
  readonly message: Message;
  readonly takes: Takes;
}

export function keyIdOf(identity: Identity): string {
  return identity.kind === "root" ? "root" : identity.keyId;
}
