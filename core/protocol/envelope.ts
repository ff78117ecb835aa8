/** The `_meta` of a client's request, in both eras. */
import { refused, type Checked } from "./protocol-error.ts";

/** What of a request's `_meta` concerns either era. */
export interface RequestMeta {
  /** The client's own, raw JSON; present when it wants progress. */
  readonly progressTokenText?: string;
  /** The members that travel on, such as trace context: a JSON object as text. */
  readonly metaText?: string;
}

export interface Envelope extends RequestMeta {
  readonly protocolVersion: string;
  /** A JSON object as text. */
  readonly capabilitiesText: string;
  readonly logLevel?: string;
}

/** Of a legacy request. `paramsText` is a JSON object as text. */
export function readRequestMeta(paramsText: string): Checked<RequestMeta> {
  return refused(-32603, paramsText, 501);
}

/** Of a modern request: the version must be one that we speak, the capabilities must be declared. */
export function readEnvelope(paramsText: string): Checked<Envelope> {
  return refused(-32603, paramsText, 501);
}
