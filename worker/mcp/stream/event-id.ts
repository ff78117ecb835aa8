/**
 * Ids of events on a legacy client's streams. They say by themselves what a client that comes back with one missed:
 * nothing is looked up. Whoever makes one up harms only the session that it is presented in.
 */
import { fromBase64Url, toBase64Url } from "../../../core/secrets/base64.ts";

export type EventId =
  /** The `event`th of the stream that carries the answer to the request `idText`. */
  | { readonly of: "call"; readonly stream: string; readonly event: number; readonly idText: string }
  /** The last of a stream: there is nothing to come back for. */
  | { readonly of: "end" }
  /** Of a listening stream: what the lists' stamps were. */
  | { readonly of: "listening"; readonly stamps: readonly string[] };

export function streamName(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(6)));
}

export function callEventId(stream: string, event: number, idText: string): string {
  return `c.${stream}.${event}.${toBase64Url(new TextEncoder().encode(idText))}`;
}

export function endEventId(stream: string): string {
  return `e.${stream}`;
}

export function listeningEventId(stream: string, event: number, stamps: readonly string[]): string {
  return `l.${stream}.${event}.${stamps.join(".")}`;
}

export function readEventId(text: string): EventId | undefined {
  const [of, stream = "", event = "", ...rest] = text.split(".");
  if (of === "e") return { of: "end" };
  if (!/^\d{1,9}$/.test(event)) return undefined;
  if (of === "l" && rest.length === 3) return { of: "listening", stamps: rest };
  const idText = of === "c" ? idTextOf(rest[0] ?? "") : undefined;
  return idText === undefined ? undefined : { of: "call", stream, event: Number(event), idText };
}

/** A JSON-RPC id and nothing else: it is put into a message as it is. */
function idTextOf(encoded: string): string | undefined {
  const bytes = fromBase64Url(encoded);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes ?? new Uint8Array());
    const id: unknown = JSON.parse(text);
    return typeof id === "string" || typeof id === "number" ? text : undefined;
  } catch {
    return undefined;
  }
}
