import { describe, expect, it } from "vitest";
import type { Bounds } from "../../../core/upstream/link.ts";
import { bounds, call, failed, legacyLink, modernLink, value } from "./asking.ts";
import { answer, eventStream, resultFor, serve, status, type Heard } from "./scripted-server.ts";

/** A server that is told goodbye: it keeps every call waiting, on an open stream or before it. */
async function waiting(streams = true) {
  const arrived = Promise.withResolvers<Heard>();
  const server = await serve(async (heard, response) => {
    if (heard.rpc.method === "notifications/cancelled") return status(response, 202);
    if (streams) response.writeHead(200, eventStream).write(": wait\n\n");
    arrived.resolve(heard);
    return heard.left;
  });
  return { ...server, arrived: arrived.promise };
}

/** Bounds whose client leaves, and the work that leaving made. */
function leaving(more: Partial<Bounds> & { timeoutMs?: number } = {}) {
  const client = new AbortController();
  const works: Promise<void>[] = [];
  const within = bounds({ signal: client.signal, onCancelled: (work) => void works.push(work), ...more });
  return { client, works, within };
}

describe("a call to a legacy server that nobody waits for any more", () => {
  it("is cancelled by its id, in its session, and its connection closed", async () => {
    for (const streams of [true, false]) {
      const server = await waiting(streams);
      const { client, works, within } = leaving();
      const answered = call(legacyLink(server.url, { sessionId: "abc", headers: { "x-key": "k" } }), {}, within);
      const asked = await server.arrived;
      client.abort();
      expect(failed(await answered)).toMatchObject({ code: "outcome_unknown", execution: "unknown" });
      expect(works).toHaveLength(1);
      await works[0];
      await asked.left;
      expect(server.heard).toHaveLength(2);
      expect(server.heard[1]).toMatchObject({
        headers: { "mcp-session-id": "abc", "x-key": "k" },
        rpc: { method: "notifications/cancelled", params: { requestId: asked.rpc.id } },
      });
    }
  });

  it("is cancelled when its time is over, if somebody keeps that work alive", async () => {
    const server = await waiting();
    const { works, within } = leaving({ timeoutMs: 150 });
    expect(failed(await call(legacyLink(server.url), {}, within))).toMatchObject({ code: "server_timeout" });
    await works[0];
    expect(server.heard.map(({ rpc }) => rpc.method)).toEqual(["tools/call", "notifications/cancelled"]);
    const silent = await waiting();
    failed(await call(legacyLink(silent.url), {}, bounds({ timeoutMs: 150 })));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(silent.heard).toHaveLength(1);
  });

  it("is cancelled as well as can be: that work ends, whatever the server does", async () => {
    for (const script of ["refuses", "resets"]) {
      const arrived = Promise.withResolvers<void>();
      const server = await serve((heard, response, socket) => {
        if (heard.rpc.method !== "notifications/cancelled") return arrived.resolve();
        return script === "refuses" ? status(response, 500) : void socket.resetAndDestroy();
      });
      const { client, works, within } = leaving();
      const answered = call(legacyLink(server.url), {}, within);
      await arrived.promise;
      client.abort();
      await answered;
      await expect(works[0]).resolves.toBeUndefined();
    }
  });
});

describe("what is not cancelled", () => {
  it("is `initialize`, nor a modern call: to close its connection says it all", async () => {
    for (const [link, method] of [
      [legacyLink, "initialize"],
      [modernLink, "tools/call"],
    ] as const) {
      const server = await waiting();
      const { client, works, within } = leaving();
      const answered = call(link(server.url), { method }, within);
      const asked = await server.arrived;
      client.abort();
      failed(await answered);
      await asked.left;
      expect(works).toEqual([]);
    }
  });

  it("is a call that was answered, however soon its client leaves then", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const { client, works, within } = leaving();
    value(await call(legacyLink(server.url), {}, within));
    client.abort();
    expect(works).toEqual([]);
    expect(server.heard).toHaveLength(1);
  });

  it("is a call that never began", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    const { client, works, within } = leaving();
    client.abort();
    expect(failed(await call(legacyLink(server.url), {}, within))).toMatchObject({ execution: "not_executed" });
    expect([works, server.heard]).toEqual([[], []]);
  });
});
