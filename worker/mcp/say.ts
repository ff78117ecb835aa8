/** Outcomes as JSON-RPC messages, in the dress of the client's era. */
import type { Failure } from "../../core/contract/failure.ts";
import type { Era } from "../../core/contract/server.ts";
import type { ProtocolError } from "../../core/protocol/protocol-error.ts";
import { legacyResult, modernResult } from "../../core/protocol/result-text.ts";
import { detailOf } from "../render/detail.ts";
import { challengeOf } from "../render/problem.ts";
import { version } from "../version.ts";
import type { RpcError, RpcOutcome } from "./rpc-call.ts";
import { errorOf, errorText, refusalStatusOf } from "./rpc-error.ts";

export const serverInfoText = JSON.stringify({ name: "patchbay", title: "Patchbay", version });

/** A whole JSON-RPC message, and what a plain answer with it is like. */
export interface Said {
  readonly text: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asker {
  readonly era: Era;
  readonly requestId: string;
  /** Absent when it could not be read. */
  readonly idText?: string;
}

/** The answer of a method. */
export function sayOutcome(asker: Asker, outcome: RpcOutcome): Said {
  if (!outcome.ok) {
    if ("error" in outcome) return sayError(asker, outcome.error);
    const error = errorOf(outcome.failure, asker.era, asker.requestId);
    return { ...sayError(asker, error), headers: headersOf(outcome.failure) };
  }
  const resultText = outcome.dressed ? outcome.resultText : dressed(outcome.resultText, asker.era);
  return { text: `{"jsonrpc":"2.0","id":${asker.idText},"result":${resultText}}`, status: 200 };
}

function dressed(resultText: string, era: Era): string {
  return era === "modern" ? modernResult(resultText, serverInfoText) : legacyResult(resultText);
}

export function sayError({ idText }: Asker, error: RpcError | ProtocolError): Said {
  return { text: errorText(idText, error), status: error.status ?? 200 };
}

/** What is refused before any method was asked. */
export function refuse(asker: Asker, failure: Failure): Response {
  const error = errorOf(failure, asker.era, asker.requestId);
  return plain({ text: errorText(asker.idText, error), status: refusalStatusOf(failure), headers: headersOf(failure) });
}

export function plain({ text, status, headers }: Said, dressing?: Readonly<Record<string, string>>): Response {
  return new Response(text, { status, headers: { ...dressing, "content-type": "application/json", ...headers } });
}

/** `wanted`: media types of which the client takes none. */
export function notAcceptable(wanted: string): Response {
  const text = errorText(undefined, { code: 40_600, message: `The client must accept ${wanted}` });
  return plain({ text, status: 406 });
}

/** A notification or a response was taken: nothing to say (specification, "Streamable HTTP"). */
export function taken(): Response {
  return new Response(null, { status: 202 });
}

function headersOf(failure: Failure): Record<string, string> {
  const { retryAfterMs } = detailOf(failure);
  const challenge = challengeOf(failure);
  return {
    ...(retryAfterMs === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
    ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
  };
}
