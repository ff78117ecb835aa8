/** A legacy server that has a stream of its own, and says on it what the test wants. */
import { tool, type FakeServer } from "../door.ts";

const encoder = new TextEncoder();
export interface Talker extends FakeServer {
  /** What it says on its streams from here on, as JSON text. */
  readonly says: string[];
  readonly subscribed: unknown[];
  open: number;
}

export function talker(host: string): Talker {
  const server: Talker = {
    host,
    tools: [tool("one")],
    lists: {
      "prompts/list": `{"prompts":[{"name":"p"}]}`,
      "resources/list": `{"resources":[{"uri":"file:///a","name":"a"},{"uri":"file:///b","name":"b"}]}`,
      "resources/templates/list": `{"resourceTemplates":[]}`,
    },
    says: [],
    subscribed: [],
    open: 0,
    answer(request, message) {
      if (message?.method === "resources/subscribe") server.subscribed.push(message.params?.["uri"]);
      if (message?.method === "resources/subscribe") {
        return Response.json({ jsonrpc: "2.0", id: message.id, result: {} });
      }
      if (request.method !== "GET") return undefined;
      let said = server.says.length;
      server.open += 1;
      let isOpen = true;
      const close = (): void => {
        if (isOpen) server.open -= 1;
        isOpen = false;
      };
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          while (said >= server.says.length && !request.signal.aborted) await scheduler.wait(5);
          if (request.signal.aborted) {
            close();
            return controller.error(request.signal.reason);
          }
          controller.enqueue(encoder.encode(`data: ${server.says[said]}\n\n`));
          said += 1;
        },
        cancel: close,
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
  };
  return server;
}
