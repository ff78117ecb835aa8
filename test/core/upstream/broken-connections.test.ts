import { describe, expect, it } from "vitest";
import { bounds, call, failed, legacyLink } from "./asking.ts";
import { answer, eventStream, json, resultFor, serve } from "./scripted-server.ts";

describe("a broken connection", () => {
  it("leaves the outcome unknown, unless the request was safe", async () => {
    const server = await serve((_request, _response, socket) => void socket.resetAndDestroy());
    const link = legacyLink(server.url);
    expect(failed(await call(link))).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
    expect(failed(await call(link, { safe: true }))).toMatchObject({
      code: "server_unreachable",
      execution: "unknown",
    });
  });

  it("is no proof of anything even when nobody listens", async () => {
    const nobody = legacyLink("http://127.0.0.1:9/mcp");
    expect(failed(await call(nobody))).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
  });
});

describe("a deadline", () => {
  it("covers the wait for headers, and lets the server go", async () => {
    const server = await serve(async (heard) => heard.left);
    const reason = failed(await call(legacyLink(server.url), {}, bounds({ timeoutMs: 150 })));
    expect(reason).toMatchObject({ code: "server_timeout", execution: "unknown" });
    await server.heard[0]?.left;
  });

  it("covers the body, however it drips", async () => {
    for (const type of [json, eventStream]) {
      const server = await serve(async (heard, response) => {
        response.writeHead(200, type);
        const drip = setInterval(() => response.write(type === json ? " " : ": wait\n\n"), 10);
        await heard.left;
        clearInterval(drip);
      });
      const reason = failed(await call(legacyLink(server.url), {}, bounds({ timeoutMs: 200 })));
      expect(reason).toMatchObject({ code: "server_timeout", execution: "unknown" });
      await server.heard[0]?.left;
    }
  });

  it("that is over already sends nothing", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const reason = failed(await call(legacyLink(server.url), {}, bounds({ timeoutMs: 0 })));
    expect(reason).toMatchObject({ code: "server_timeout", execution: "not_executed" });
    expect(server.heard).toEqual([]);
  });
});

describe("a client that leaves", () => {
  it("takes the request to the server with it", async () => {
    const client = new AbortController();
    const server = await serve(async (heard) => {
      client.abort();
      await heard.left;
    });
    const reason = failed(await call(legacyLink(server.url), {}, bounds({ signal: client.signal })));
    expect(reason).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
    await server.heard[0]?.left;
  });
});
