/** A legacy server whose tool takes as long as the test wants, and may say things meanwhile. */
import { tool, type FakeServer } from "../door.ts";

const encoder = new TextEncoder();

export interface Running {
  readonly idText: string;
  readonly token: unknown;
  /** On the stream of the call. */
  say(message: object): void;
  finish(text: string): void;
}

export interface SlowServer extends FakeServer {
  /** The calls that have begun, in order. */
  readonly calls: Running[];
  /** Of `notifications/cancelled`. */
  readonly cancelled: unknown[];
}

export function slowServer(host: string): SlowServer {
  const calls: Running[] = [];
  const cancelled: unknown[] = [];
  return {
    host,
    tools: [tool("wait")],
    calls,
    cancelled,
    answer(request, message) {
      if (message?.method === "notifications/cancelled") cancelled.push(message.params?.["requestId"]);
      if (message?.method !== "tools/call") return undefined;
      const meta = message.params?.["_meta"] as { progressToken?: unknown } | undefined;
      const idText = JSON.stringify(message.id);
      const said: (string | undefined)[] = [];
      calls.push({
        idText,
        token: meta?.progressToken,
        say: (told) => void said.push(JSON.stringify({ jsonrpc: "2.0", ...told })),
        finish(text) {
          const content = `[{"type":"text","text":${JSON.stringify(text)}}]`;
          said.push(`{"jsonrpc":"2.0","id":${idText},"result":{"content":${content}}}`, undefined);
        },
      });
      return new Response(bodyOf(said, request.signal), { headers: { "content-type": "text/event-stream" } });
    },
  };
}

/** Polls, since a stream belongs to the request that it is read in, and the test is another one. */
function bodyOf(said: (string | undefined)[], signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      while (said.length === 0 && !signal.aborted) await scheduler.wait(5);
      if (signal.aborted) return controller.error(signal.reason);
      const text = said.shift();
      if (text === undefined) controller.close();
      else controller.enqueue(encoder.encode(`data: ${text}\n\n`));
    },
  });
}

export async function until<T>(value: () => T | undefined): Promise<T> {
  for (;;) {
    const found = value();
    if (found !== undefined) return found;
    await scheduler.wait(5);
  }
}
