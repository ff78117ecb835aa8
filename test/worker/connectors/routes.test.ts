/** How a connector is let in: its routes, its key, and what it may say over its socket. */
import { afterEach, describe, expect, it } from "vitest";
import { ask, expectProblem, makeKey, register, type FakeServer, connectTo, tool } from "../door.ts";
import { connect, echo, introduce, Line, mcp, openAndGreet, openLine, until, untilState } from "./fake-connector.ts";

const memory = { servers: { memory: mcp(["store"], echo) } };

afterEach(async () => {
  for (const id of ["memory", "files"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

describe("introducing a connector", () => {
  it("registers what is missing, knows what is there, and refuses what is another's", async () => {
    const files: FakeServer = { host: "files.example", tools: [tool("read")] };
    connectTo(files);
    await register({ id: "files", url: "https://files.example/mcp" });
    const servers = [{ id: "memory", title: "The memory" }, { id: "files" }, { id: "count" }];
    const { body } = await ask("/connectors", { json: { name: "laptop", servers } });
    expect(body).toMatchObject({
      name: "laptop",
      shards: [1, 2, 3],
      servers: [
        { id: "memory", status: "registered" },
        { id: "files", status: "refused", shard: null, problem: { code: "conflict" } },
        { id: "count", status: "refused", shard: null, problem: { code: "invalid_fields" } },
      ],
    });
    const again = await ask("/connectors", { json: { name: "laptop", servers } });
    expect(again.body).toMatchObject({ servers: [{ id: "memory", status: "known" }, {}, {}] });
    expect((await ask("/servers/memory")).body).toMatchObject({ kind: "connector", title: "The memory" });
  });

  it("needs the scope", async () => {
    const { key } = await makeKey({ scopes: ["servers:write", "servers:read"] });
    expectProblem(await ask("/connectors", { key, json: { name: "a", servers: [] } }), 403, "scope_missing");
    expect((await openLine(1, key)).status).toBe(403);
  });

  it("names what is wrong with it", async () => {
    const refused = await ask("/connectors", { json: { name: "not a name", servers: [{ id: "a__b" }] } });
    expectProblem(refused, 422, "invalid_fields");
  });

  it("takes servers of this kind without an address, and no others", async () => {
    const made = await ask("/servers", { json: { id: "memory", kind: "connector" } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ kind: "connector", url: "connector://memory" });
    const addressed = { id: "files", kind: "connector", url: "https://files.example/mcp" };
    expectProblem(await ask("/servers", { json: addressed }), 422, "invalid_fields");
    expectProblem(await ask("/servers", { json: { id: "files" } }), 422, "invalid_fields");
    expectProblem(await ask("/servers", { json: { id: "files", url: "connector://memory" } }), 422, "invalid_fields");
  });
});

describe("a connector's socket", () => {
  it("is for WebSockets, and for shards that there are", async () => {
    const plain = await ask("/connectors/socket?shard=1");
    expectProblem(plain, 426, "upgrade_required");
    expect(plain.headers.get("upgrade")).toBe("websocket");
    expectProblem(await ask("/connectors/socket?shard=9"), 404, "unknown_shard");
    expectProblem(await ask("/connectors/socket"), 404, "unknown_shard");
    expectProblem(await ask("/connectors/socket?shard=1", { key: null }), 401, "key_missing");
  });

  it("is welcomed with the shards that there are, and shown to operators", async () => {
    const connected = await connect(memory);
    const welcomes = [...connected.lines.values()].flatMap((line) => line.welcomes);
    expect(welcomes.map(({ shard, shards }) => ({ shard, shards }))).toEqual([
      { shard: 1, shards: [1, 2, 3] },
      { shard: 2, shards: [1, 2, 3] },
      { shard: 3, shards: [1, 2, 3] },
    ]);
    await untilState("memory", "ready");
    expect((await ask("/connectors")).body).toMatchObject({
      connectors: [
        {
          name: "laptop",
          version: "1.2.3",
          shards: [1, 2, 3],
          servers: [{ id: "memory", state: "ready", reason: "" }],
        },
      ],
    });
    connected.close();
    await until(async () => JSON.stringify((await ask("/connectors")).body) === `{"connectors":[]}`);
  });

  it("is told to stop with servers that nobody has registered, or that are another's", async () => {
    const files: FakeServer = { host: "files.example", tools: [tool("read")] };
    connectTo(files);
    await register({ id: "files", url: "https://files.example/mcp" });
    const wish = { servers: { ghost: echo, files: echo } };
    const lines = await Promise.all([1, 2, 3].map((shard) => openAndGreet(shard, wish)));
    await until(() => lines.flatMap(({ stops }) => stops).length === 2);
    expect(lines.flatMap(({ stops }) => stops).toSorted()).toEqual(["files", "ghost"]);
    for (const { socket } of lines) socket.close();
  });

  it("is told to stop with a server that is deleted", async () => {
    const connected = await connect(memory);
    await untilState("memory", "ready");
    await ask("/servers/memory", { method: "DELETE" });
    const stops = (): string[] => [...connected.lines.values()].flatMap((line) => line.stops);
    await until(() => stops().length > 0);
    expect(stops()).toEqual(["memory"]);
    connected.close();
  });

  it("is closed when its key is revoked, at the next call", async () => {
    const { id, key } = await makeKey({ scopes: ["connector"] });
    const connected = await connect({ ...memory, key });
    await untilState("memory", "ready");
    await ask(`/keys/${id}`, { method: "DELETE" });
    await until(async () => {
      await ask("/call", { json: { tool: "memory__store", arguments: {} } });
      return [...connected.lines.values()].some(({ closed }) => closed?.code === 4003);
    });
    await until(async () => (await openLine(1, key)).status !== 101);
    expect((await openLine(1, key)).status).toBe(401);
    connected.close();
  });

  it.each([
    ["something that is no frame", () => "nonsense", 1007],
    ["a frame of an unknown sort", () => `{"t":"surprise"}\n`, 1007],
    ["a frame that is too large", () => `{"t":"hello"}\n${"x".repeat(262_144)}`, 1009],
    ["bytes", () => new Uint8Array(3), 1007],
  ])("is closed after %s", async (_what, message, code) => {
    const line = await openAndGreet(1, { servers: {} });
    line.socket.send(message());
    await until(() => line.closed !== undefined);
    expect(line.closed?.code).toBe(code);
  });

  it("is closed after a gap in an answer, which then is not known", async () => {
    const lines: Line[] = [];
    const connected = await connect({
      servers: {
        memory: mcp(["store"], ({ id }) => {
          const line = lines.find(({ carried }) => carried.has(id));
          line?.send(
            { t: "head", id, n: 0, status: 200, headers: { "content-type": "application/json" }, end: false },
            "{",
          );
          line?.send({ t: "body", id, n: 2, end: true }, "}");
        }),
      },
    });
    lines.push(...connected.lines.values());
    await untilState("memory", "ready");
    const answered = await ask("/call", { json: { tool: "memory__store", arguments: {} } });
    expect(answered.body).toMatchObject({ code: "answer_truncated", execution: "unknown" });
    await until(() => lines.some(({ closed }) => closed?.code === 1002));
    connected.close();
  });

  it("is closed when it sends more than it was granted", async () => {
    const lines: Line[] = [];
    const connected = await connect({
      servers: {
        memory: mcp(["store"], ({ id }) => {
          const line = lines.find(({ carried }) => carried.has(id));
          line?.send({ t: "head", id, n: 0, status: 200, headers: {}, end: false }, "");
          for (let n = 1; n < 4; n += 1) line?.send({ t: "body", id, n, end: false }, "x".repeat(200_000));
        }),
      },
    });
    lines.push(...connected.lines.values());
    await untilState("memory", "ready");
    const answered = await ask("/call", { json: { tool: "memory__store", arguments: {} } });
    expect(answered.status).toBeGreaterThanOrEqual(400);
    await until(() => lines.some(({ closed }) => closed?.code === 1002));
    connected.close();
  });

  it("tells how its servers are, and why", async () => {
    await introduce(memory);
    const wish = { ...memory, state: "down", reason: "exited with code 1: Cannot find module" };
    const lines = await Promise.all([1, 2, 3].map((shard) => openAndGreet(shard, wish)));
    await until(async () => JSON.stringify((await ask("/servers/memory")).body).includes("Cannot find module"));
    expect((await ask("/servers/memory")).body).toMatchObject({ state: "down" });
    const refused = await ask("/call", { json: { tool: "memory__store", arguments: {} } });
    expect(refused.body).toMatchObject({ code: "server_down", execution: "not_executed" });
    for (const line of lines) line.send({ t: "state", server: { id: "memory", state: "ready", reason: "", since: 1 } });
    await untilState("memory", "ready");
    expect((await ask("/call", { json: { tool: "memory__store", arguments: {} } })).status).toBe(200);
    for (const { socket } of lines) socket.close();
  });
});
