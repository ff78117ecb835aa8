/** Everything in which the eras differ when we are the client. */
import type { ExtraMeta } from "../meta.ts";

export interface Spoken {
  readonly protocolVersion: string;
  readonly sessionId?: string;
}

export interface Asked {
  readonly method: string;
  /** Tool or prompt name, resource URI. */
  readonly name?: string;
  readonly paramHeaders?: Readonly<Record<string, string>>;
}

/** Whether a result is final. */
export type Verdict =
  | { readonly is: "complete" }
  /** The server wants something first; `asked` names what. */
  | { readonly is: "input_required"; readonly asked: string }
  | { readonly is: "unknown"; readonly resultType: string };

export interface EraWire {
  /** Newest first. */
  readonly versions: readonly string[];
  /** Headers that every request of one connection has. */
  connectionHeaders(spoken: Spoken): Readonly<Record<string, string>>;
  /** Headers of this one request; undefined when the era has none. */
  requestHeaders(asked: Asked): Readonly<Record<string, string>> | undefined;
  /** The params as they go out, `_meta` included. */
  params(paramsText: string, spoken: Spoken, extra: ExtraMeta): string;
  verdict(result: Readonly<Record<string, unknown>>): Verdict;
}
