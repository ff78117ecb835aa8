import { describe, expect, it } from "vitest";
import { bounds, call, failed, legacyLink, modernLink, value } from "./asking.ts";
import { event, eventStream, resultFor, serve, status, type Heard, type Script } from "./scripted-server.ts";

/** Hangs up on a call after these words, and says `resumed` to a client that comes back. */
function hangingUp(words: string, resumed: (call: Heard, ...rest: Parameters<Script>) => void | Promise<void>): Script {
  let called: Heard | undefined;
  return (heard, response, socket) => {
    if (heard.method === "GET" && called) return resumed(called, heard, response, socket);
    called = heard;
    return void response.writeHead(200, eventStream).end(words);
  };
}

const primed = "retry: 10\nid: 7\ndata:\n\n";

describe("a server that hangs up in the middle of a call", () => {
  it("is asked again for the rest of the stream, not for another run", async () => {
    const server = await serve(
      hangingUp(
        primed + event('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'),
        (asked, _, response) => void response.writeHead(200, eventStream).end(`id: 8\n${event(resultFor(asked))}`),
      ),
    );
    const link = legacyLink(server.url, { sessionId: "abc", headers: { "x-key": "k" } });
    expect(value(await call(link))).toMatchObject({ resultText: '{"content":[]}', listChanged: true });
    expect(server.heard).toMatchObject([
      { method: "POST" },
      {
        method: "GET",
        headers: { "last-event-id": "7", "mcp-session-id": "abc", "x-key": "k", accept: "text/event-stream" },
      },
    ]);
  });

  it("may do so many times, and the last id counts", async () => {
    let round = 0;
    const server = await serve(
      hangingUp(primed, (asked, _, response) => {
        round++;
        const words = round < 4 ? `retry: 1\nid: ${7 + round}\ndata:\n\n` : event(resultFor(asked));
        response.writeHead(200, eventStream).end(words);
      }),
    );
    value(await call(legacyLink(server.url)));
    expect(server.heard.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "7", "8", "9", "10"]);
  });

  it("has truncated its answer when it does not know how to go on", async () => {
    for (const code of [400, 404, 405, 500]) {
      const server = await serve(hangingUp(primed, (_asked, _heard, response) => status(response, code)));
      expect(failed(await call(legacyLink(server.url)))).toMatchObject({
        code: "answer_truncated",
        execution: "unknown",
      });
      expect(server.heard).toHaveLength(2);
    }
  });

  it("has truncated it at once when it gave no id, or is of the modern era, which has no way back", async () => {
    const plain = await serve(
      hangingUp(event('{"jsonrpc":"2.0","method":"x"}'), (_asked, _heard, response) => status(response, 200)),
    );
    expect(failed(await call(legacyLink(plain.url)))).toMatchObject({ code: "answer_truncated" });
    const modern = await serve(hangingUp(primed, (_asked, _heard, response) => status(response, 200)));
    expect(failed(await call(modernLink(modern.url)))).toMatchObject({ code: "answer_truncated" });
    expect([plain.heard.length, modern.heard.length]).toEqual([1, 1]);
  });

  it("cannot stretch the deadline", async () => {
    const slow = await serve(
      hangingUp("retry: 60000\nid: 7\ndata:\n\n", (_asked, _heard, response) => status(response, 200)),
    );
    const late = failed(await call(legacyLink(slow.url), {}, bounds({ timeoutMs: 200 })));
    expect(late).toMatchObject({ code: "server_timeout", execution: "unknown" });
    const endless = await serve(
      hangingUp(primed, (_asked, _heard, response) => void response.writeHead(200, eventStream).end(primed)),
    );
    expect(failed(await call(legacyLink(endless.url), {}, bounds({ timeoutMs: 300 })))).toMatchObject({
      code: "server_timeout",
    });
  });

  it("cannot stretch the largest answer either", async () => {
    const noise = `: ${"x".repeat(300_000)}\n\n`;
    const server = await serve(
      hangingUp(
        primed + noise,
        (_asked, _heard, response) => void response.writeHead(200, eventStream).end(primed + noise),
      ),
    );
    expect(failed(await call(legacyLink(server.url)))).toMatchObject({ code: "answer_too_large" });
  });
});
