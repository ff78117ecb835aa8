/** Which era a POSTed message belongs to, and what it is (specification, "versioning": the body decides). */
import type { Era } from "../contract/server.ts";
import { refused, type ProtocolError } from "./protocol-error.ts";

type Params = Readonly<Record<string, unknown>>;

export type Classified =
  | { readonly is: "request" | "notification"; readonly era: Era; readonly method: string; readonly params: Params }
  /** The answer to something that a server asked; only legacy clients post one. */
  | { readonly is: "response" }
  | { readonly is: "refused"; readonly error: ProtocolError };

export function classifyRequest(headers: Headers, body: unknown): Classified {
  void [headers, body];
  return { is: "refused", error: refused(-32603, "not implemented", 501).error };
}
