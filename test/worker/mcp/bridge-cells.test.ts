/** What crosses between the eras, byte for byte: what must, what must not, and what becomes of nonsense. */
import { describe, expect, it, vi } from "vitest";
import { ProxyShard } from "../../../durable-objects/proxy-shard/proxy-shard.ts";
import { connectTo } from "../door.ts";
import { legacy, modern, resultOf } from "./client.ts";
import { until } from "./slow-server.ts";
import { act, events, legacyServer, metaOf, modernServer, paramsOf, serve, sessionAt } from "./scripted.ts";

const odd = '{"content":[],"big":12345678901234567890,"escaped":"\\u0041\\/","isError":false,"n":1.0e0}';

describe("a result", () => {
  it("goes from a legacy server to a legacy client as it was", async () => {
    const own = `{ "resultType" : "own", "ttlMs":1 ,${odd.slice(1)}`;
    const server = await serve(legacyServer, () => `"result":${own}`);
    const answer = await legacy(server.path, "tools/call", act, { headers: await sessionAt(server.path) });
    expect(answer.text).toContain(`"result":${own}}`);
  });

  it("goes to a client of the other era with no more changes than that era demands", async () => {
    const members = odd.slice(1, -1);
    const old = await serve(legacyServer, () => `"result":${odd}`);
    const answer = await modern(old.path, "tools/call", act);
    expect(answer.text).toContain(members);
    expect(resultOf(answer)).toMatchObject({ resultType: "complete" });
    const young = await serve(modernServer, () => `"result":{"resultType":"complete",${members}}`);
    const other = await legacy(young.path, "tools/call", act, { headers: await sessionAt(young.path) });
    expect(other.text).toContain(`"result":{${members}}`);
  });
});

describe("what a server is told of the client", () => {
  it("is a legacy session's own capabilities and level, with each request to a modern server", async () => {
    const server = await serve(modernServer, () => `"result":{"content":[]}`);
    const headers = await sessionAt(server.path, { sampling: { context: {} }, roots: { listChanged: true } });
    await legacy(server.path, "logging/setLevel", { level: "notice" }, { headers });
    const _meta = { traceparent: "00-1-2-03", progressToken: 5, "io.modelcontextprotocol/clientInfo": { name: "spy" } };
    await legacy(server.path, "tools/call", { ...act, _meta }, { headers });
    const meta = metaOf(server);
    expect(meta["io.modelcontextprotocol/clientCapabilities"]).toEqual({
      sampling: { context: {} },
      roots: { listChanged: true },
    });
    expect(meta["io.modelcontextprotocol/logLevel"]).toBe("notice");
    expect(meta["traceparent"]).toBe("00-1-2-03");
    expect(meta["progressToken"], "ours, and a new one").toEqual(expect.stringMatching(/^p/));
    expect(meta["io.modelcontextprotocol/clientInfo"]).not.toEqual({ name: "spy" });
  });

  it("is the level once for each connection to a legacy server, before the call", async () => {
    const server = await serve(legacyServer, () => `"result":{"content":[]}`);
    const headers = await sessionAt(server.path);
    await legacy(server.path, "logging/setLevel", { level: "error" }, { headers });
    await legacy(server.path, "tools/call", act, { headers });
    await legacy(server.path, "tools/call", act, { headers });
    const levels = server.told.filter(({ message }) => message.method === "logging/setLevel");
    expect(levels.map(({ message }) => message.params)).toEqual([{ level: "error" }]);
    expect(levels[0]?.headers.get("mcp-session-id")).toBe(server.asked[0]?.headers.get("mcp-session-id"));
  });

  it("is that its roots have changed, over the session's own connection, when it has roots", async () => {
    const server = await serve(legacyServer, () => `"result":{"content":[]}`);
    const changed = { method: "notifications/roots/list_changed", post: { id: undefined } };
    const [silent, rooted] = [await sessionAt(server.path, {}), await sessionAt(server.path, { roots: {} })];
    for (const headers of [silent, rooted]) {
      await legacy(server.path, "tools/call", act, { headers });
      const answer = await legacy(server.path, changed.method, undefined, { ...changed.post, headers });
      expect(answer.status).toBe(202);
    }
    const told = () => server.told.filter(({ message }) => message.method === changed.method);
    await until(() => (told().length > 0 ? true : undefined));
    const sessions = told().map(({ headers }) => headers.get("mcp-session-id"));
    expect(sessions).toEqual([server.asked[1]?.headers.get("mcp-session-id")]);
  });

  it("is that its roots have changed at /mcp, too, where it has spoken to the server, and nowhere else", async () => {
    const result = () => `"result":{"content":[]}`;
    const [near, far] = [await serve(legacyServer, result), await serve(legacyServer, result)];
    connectTo(near, far);
    const headers = await sessionAt("/mcp", { roots: {} });
    await legacy("/mcp", "tools/call", { ...act, name: `${near.host.split(".")[0]}__act` }, { headers });
    const before = far.opened();
    await legacy("/mcp", "notifications/roots/list_changed", undefined, { id: undefined, headers });
    const told = () => near.told.filter(({ message }) => message.method === "notifications/roots/list_changed");
    await until(() => (told().length > 0 ? true : undefined));
    const sessions = told().map(({ headers: sent }) => sent.get("mcp-session-id"));
    expect(sessions).toEqual([near.asked[0]?.headers.get("mcp-session-id")]);
    expect(far.opened(), "nobody connects to a server for that").toBe(before);
  });

  it("is no level where a server does not log", async () => {
    const server = await serve(
      (host, script) => legacyServer(host, script, { tools: {} }),
      () => `"result":{"content":[]}`,
    );
    const headers = await sessionAt(server.path);
    await legacy(server.path, "logging/setLevel", { level: "error" }, { headers });
    await legacy(server.path, "tools/call", act, { headers });
    expect(server.asked).toHaveLength(1);
    expect(server.told.map(({ message }) => message.method)).not.toContain("logging/setLevel");
  });

  it("costs a shard one question for all sessions at a server that keeps none, and one each at one that does", async () => {
    const asked = async (make: typeof legacyServer): Promise<number> => {
      const server = await serve(make, () => `"result":{"content":[]}`);
      const sessions = [await sessionAt(server.path), await sessionAt(server.path), await sessionAt(server.path)];
      const route = vi.spyOn(ProxyShard.prototype, "route");
      for (const headers of sessions) await legacy(server.path, "tools/call", act, { headers });
      const count = route.mock.calls.length;
      route.mockRestore();
      return count;
    };
    expect(await asked(modernServer)).toBe(1);
    expect(await asked(legacyServer)).toBe(3);
  });

  it("never joins two sessions of clients in one session of a legacy server", async () => {
    const server = await serve(legacyServer, () => `"result":{"content":[]}`);
    for (const headers of [await sessionAt(server.path), await sessionAt(server.path)])
      await legacy(server.path, "tools/call", act, { headers });
    const [one, other] = server.asked.map(({ headers }) => headers.get("mcp-session-id"));
    expect(one).not.toBe(other);
  });
});

describe("a legacy server that asks a modern client which cannot be asked", () => {
  const question = '{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}';

  it("is told so, and when its call then fails the client learns what was missing", async () => {
    const server = await serve(legacyServer, ({ message }) =>
      events(question, `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"content":[],"isError":true}}`),
    );
    const answer = await modern(server.path, "tools/call", act);
    expect(answer.status).toBe(400);
    expect(answer.body["error"]).toMatchObject({ code: -32021, data: { requiredCapabilities: { sampling: {} } } });
    const reply = server.told.find(({ message }) => message.id === 9);
    expect(reply?.text).toContain("-32601");
  });

  it("may do without, and then the client gets its result", async () => {
    const server = await serve(legacyServer, ({ message }) =>
      events(question, `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{"content":[]}}`),
    );
    expect(resultOf(await modern(server.path, "tools/call", act))).toMatchObject({ content: [] });
  });
});

describe("a failure", () => {
  it("that leaves open whether the tool ran is told to the model, with its code", async () => {
    const server = await serve(
      legacyServer,
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    );
    const seen = resultOf(await modern(server.path, "tools/call", act));
    expect(seen).toMatchObject({ isError: true, structuredContent: { code: "answer_html" } });
    expect(server.asked.length).toBe(1);
  });

  it("of the server's own making keeps its code and data", async () => {
    const server = await serve(legacyServer, () => `"error":{"code":-32050,"message":"own","data":{"n":1.0}}`);
    const answer = await modern(server.path, "tools/call", act);
    expect(answer.text).toContain('"error":{"code":-32050,"message":"own","data":{"n":1.0}}');
  });

  it.each([
    ["modern", -32602],
    ["legacy", -32002],
  ] as const)("to find a resource has the %s era's code, whatever the server's", async (era, code) => {
    for (const own of [`{"code":-32002,"message":"gone"}`, `{"code":-32602,"message":"gone","data":{"uri":"a:b"}}`]) {
      const server = await serve(legacyServer, () => `"error":${own}`);
      const answer =
        era === "modern"
          ? await modern(server.path, "resources/read", { uri: "a:b" })
          : await legacy(server.path, "resources/read", { uri: "a:b" }, { headers: await sessionAt(server.path) });
      expect(answer.body["error"]).toMatchObject({ code, data: { uri: "a:b" } });
    }
  });
});

describe("the task params of 2025-11-25", () => {
  it("are not passed on, since no server was told that the client may use them", async () => {
    const server = await serve(legacyServer, () => `"result":{"content":[]}`);
    await legacy(
      server.path,
      "tools/call",
      { ...act, task: { ttl: 1 }, other: 1 },
      { headers: await sessionAt(server.path) },
    );
    expect(JSON.parse(paramsOf(server, 0))).toEqual({ ...act, other: 1 });
  });
});
