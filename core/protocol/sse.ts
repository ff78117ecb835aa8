/**
 * Server-sent events from bytes (WHATWG HTML, 9.2.6), bounded. The parser is eventsource-parser; what is
 * here is what a hostile or odd stream needs besides: UTF-8 checked, every line ending made LF before the
 * parser sees it (a CR at the end of a chunk would otherwise wait for the next one, and lone CRs cost it
 * quadratic time), and caps.
 */
import { createParser, type EventSourceMessage } from "eventsource-parser";

export interface SseLimits {
  /** Bytes of one unfinished line or event. */
  readonly maxEventBytes: number;
  /** Events and faulty lines of one stream, so that a flood of tiny ones costs bounded time. */
  readonly maxEvents: number;
}

export type SseFault = "too_large" | "too_many" | "not_utf8";

export interface SseReader {
  /** Takes the next bytes; events come out of `onEvent` before it returns. A fault is final. */
  push(bytes: Uint8Array): SseFault | undefined;
  /** How long the server wants us to wait before we come back (`retry:`), once it has said so. */
  readonly retryMs: number | undefined;
}

const lf = 0x0a;
const cr = 0x0d;
/** Whole lines only are decoded, so one decoder without state serves every stream. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Index after the last line ending in `bytes`. */
function linesEnd(bytes: Uint8Array): number {
  const afterLf = bytes.lastIndexOf(lf) + 1;
  return afterLf === bytes.length ? afterLf : Math.max(afterLf, bytes.lastIndexOf(cr) + 1);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const first = parts[0];
  if (parts.length === 1 && first) return first;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Decodes whole lines and gives them LF endings. A CR ends its line at once; the LF of a CRLF cut in two is dropped. */
function lineDecoder(): (bytes: Uint8Array) => string {
  let started = false;
  let afterCr = false;
  return (bytes) => {
    let text = utf8.decode(bytes);
    if (!started && text.startsWith("\ufeff")) text = text.slice(1);
    started = true;
    if (afterCr && text.startsWith("\n")) text = text.slice(1);
    afterCr = text.endsWith("\r");
    return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
  };
}

export function sseReader(limits: SseLimits, onEvent: (event: EventSourceMessage) => void): SseReader {
  let events = 0;
  let fault: SseFault | undefined;
  let retryMs: number | undefined;
  const count = () => {
    if (++events > limits.maxEvents) fault ??= "too_many";
  };
  const parser = createParser({
    onEvent(event) {
      count();
      if (!fault) onEvent(event);
    },
    onRetry(waitMs) {
      retryMs = waitMs;
    },
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") fault ??= "too_large";
      else count();
    },
    maxBufferSize: limits.maxEventBytes,
  });
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const linesOf = lineDecoder();

  return {
    get retryMs() {
      return retryMs;
    },
    push(bytes) {
      if (fault) return fault;
      const end = linesEnd(bytes);
      if (end > 0) {
        held.push(end === bytes.length ? bytes : bytes.subarray(0, end));
        heldBytes += end;
        const whole = joined(held, heldBytes);
        held = [];
        heldBytes = 0;
        try {
          parser.feed(linesOf(whole));
        } catch {
          fault ??= "not_utf8";
        }
      }
      if (end < bytes.length) {
        held.push(bytes.subarray(end));
        heldBytes += bytes.length - end;
        if (heldBytes > limits.maxEventBytes) fault ??= "too_large";
      }
      return fault;
    },
  };
}
