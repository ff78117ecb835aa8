import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exchange, provesEraChanged, type Link } from "../../../core/upstream/exchange.ts";
import { listCatalog } from "../../../core/upstream/list-catalog.ts";
import { endSession, negotiate, type Negotiated } from "../../../core/upstream/negotiate.ts";
import { paramHeadersOf } from "../../../core/protocol/param-headers.ts";
import { bounds, failed, value } from "./asking.ts";
import { startEverything, startLegacySdk, startMemory, startModernOnly, type RealServer } from "./real-servers.ts";

const roomy = () => bounds({ timeoutMs: 15_000, maxAnswerBytes: 16_777_216 });

async function meet(server: RealServer, kind?: "http" | "sse"): Promise<Negotiated> {
  const target = { server: "s1", replica: "r1", url: server.url, headers: {}, network: "private" as const };
  return value(await negotiate(kind ? { ...target, kind } : target, roomy(), {}));
}

async function catalogOf({ connection, capabilities }: Negotiated) {
  return value(await listCatalog(connection, "s1", capabilities, roomy(), {}));
}

function run(connection: Link, name: string, args: object = {}, paramHeaders: Record<string, string> = {}) {
  const paramsText = JSON.stringify({ name, arguments: args });
  return exchange(
    { connection, server: "s1", method: "tools/call", name, paramsText, paramHeaders, safe: false },
    roomy(),
    {},
  );
}

async function textOf(answered: ReturnType<typeof run>): Promise<string> {
  const { content } = JSON.parse(value(await answered).resultText) as { content: { text: string }[] };
  return content[0]?.text ?? "";
}

/** One server per describe, found out once. */
function withServer(start: () => Promise<RealServer>, kind?: "http" | "sse") {
  const held: { server?: RealServer; met?: Negotiated } = {};
  beforeAll(async () => {
    held.server = await start();
    held.met = await meet(held.server, kind);
  }, 30_000);
  afterAll(() => held.server?.stop());
  return {
    server: () => held.server as RealServer,
    met: () => held.met as Negotiated,
  };
}

describe("the reference server over Streamable HTTP", () => {
  const { met } = withServer(() => startEverything("streamableHttp"));

  it("is legacy with a session", () => {
    expect(met()).toMatchObject({
      connection: {
        kind: "http",
        era: "legacy",
        protocolVersion: "2025-11-25",
        sessionId: expect.any(String) as unknown,
      },
      capabilities: { tools: true, prompts: true, resources: true },
      serverName: expect.stringContaining("everything") as unknown,
    });
  });

  it("lists its catalog without a fault", async () => {
    const catalog = await catalogOf(met());
    expect(catalog.tools.map(({ facts }) => facts.name)).toContain("echo");
    expect(catalog.prompts.length).toBeGreaterThan(0);
    expect(catalog.resources.length).toBeGreaterThan(0);
    expect(catalog.templates.length).toBeGreaterThan(0);
    expect(catalog.faults).toEqual([]);
  });

  it("runs tools, many at a time", async () => {
    const texts = await Promise.all(
      Array.from({ length: 30 }, (_, i) => textOf(run(met().connection, "echo", { message: `grüße ${i}` }))),
    );
    expect(texts).toEqual(Array.from({ length: 30 }, (_, i) => `Echo: grüße ${i}`));
  });

  it("that has forgotten the session proves that nothing ran", async () => {
    const stale = { ...met().connection, sessionId: "00000000-0000-4000-8000-000000000000" };
    expect(failed(await run(stale, "echo", { message: "x" }))).toMatchObject({
      code: "session_lost",
      execution: "not_executed",
    });
    const ended = (await meetAgain(met().connection.url)).connection;
    await endSession(ended, {});
    expect(failed(await run(ended, "echo", { message: "x" }))).toMatchObject({ code: "session_lost" });
  });

  const meetAgain = (url: string) => meet({ url, stop: async () => undefined });
});

describe("the reference server over HTTP+SSE", () => {
  const { met, server } = withServer(() => startEverything("sse"));

  it("is found out, lists, and runs tools", async () => {
    expect(met().connection).toMatchObject({ kind: "sse", era: "legacy", url: server().url });
    expect((await catalogOf(met())).tools.map(({ facts }) => facts.name)).toContain("echo");
    expect(await textOf(run(met().connection, "echo", { message: "hi" }))).toBe("Echo: hi");
  });
});

describe("a stdio server behind mcp-proxy", () => {
  const { met, server } = withServer(() => startMemory("/mcp"));

  it("is met in the modern era, and as HTTP+SSE when told so", async () => {
    expect(met().connection).toMatchObject({ era: "modern", protocolVersion: "2026-07-28" });
    const streamed = await meet({ ...server(), url: server().url.replace("/mcp", "/sse") });
    expect(streamed.connection).toMatchObject({ kind: "sse", era: "legacy" });
    expect((await catalogOf(streamed)).tools.length).toBe((await catalogOf(met())).tools.length);
  });

  it("keeps what it is told", async () => {
    const entities = [{ name: "Ada", entityType: "person", observations: ["counts to 9007199254740993"] }];
    value(await run(met().connection, "create_entities", { entities }));
    expect(await textOf(run(met().connection, "read_graph"))).toContain("counts to 9007199254740993");
  });
});

describe("the same without the modern era", () => {
  const { met } = withServer(() => startMemory("/mcp", ["--no-modern"]));

  it("is met in the legacy era", async () => {
    expect(met().connection).toMatchObject({ era: "legacy", sessionId: expect.any(String) as unknown });
    expect(await textOf(run(met().connection, "read_graph"))).toContain("entities");
    const gone = failed(await run({ ...met().connection, sessionId: "unknown" }, "read_graph"));
    expect(gone).toMatchObject({ code: "session_lost", execution: "not_executed" });
  });

  it("refuses a modern call in a way that proves the era changed", async () => {
    const { sessionId: _none, ...link } = met().connection;
    const reason = failed(await run({ ...link, era: "modern", protocolVersion: "2026-07-28" }, "read_graph"));
    expect([reason, provesEraChanged(reason)]).toEqual([reason, true]);
  });
});

describe("a modern-only server", () => {
  // The SDK's advice about the odd name that one tool has on purpose.
  beforeAll(() => void vi.spyOn(console, "warn").mockReturnValue());
  afterAll(() => void vi.restoreAllMocks());
  const { met, server } = withServer(startModernOnly);

  it("is met in the modern era", () => {
    expect(met()).toMatchObject({
      connection: { era: "modern", protocolVersion: "2026-07-28" },
      serverName: "modern-only",
      serverVersion: "2.0.0",
    });
  });

  it("checks our mirrored headers and finds them right", async () => {
    expect(await textOf(run(met().connection, "tööl"))).toBe("odd");
    const catalog = await catalogOf(met());
    const weather = catalog.tools.find(({ facts }) => facts.name === "weather");
    const mirrored = paramHeadersOf(weather?.facts.paramHeaders ?? [], '{"region":"zürich\\r\\nX-Evil: 1"}');
    const args = { region: "zürich\r\nX-Evil: 1" };
    expect(await textOf(run(met().connection, "weather", args, mirrored))).toContain("sun in zürich");
    expect(failed(await run(met().connection, "weather", args))).toMatchObject({
      code: "server_error",
      rpcCode: -32020,
      execution: "not_executed",
    });
  });

  it("refuses a legacy call in a way that proves the era changed", async () => {
    const link: Link = { ...met().connection, era: "legacy", protocolVersion: "2025-11-25" };
    const reason = failed(await run(link, "weather", { region: "x" }));
    expect(reason).toMatchObject({ code: "server_error", rpcCode: -32022, execution: "not_executed" });
    expect(provesEraChanged(reason)).toBe(true);
  });

  it("says when a tool failed", async () => {
    expect(value(await run(met().connection, "ask")).isError).toBe(true);
    expect(server().url).toBe(met().connection.url);
  });
});

describe.each([
  ["JSON", true],
  ["event-stream", false],
])("a server on SDK v1 with %s answers", (_, enableJsonResponse) => {
  const { met } = withServer(() => startLegacySdk(enableJsonResponse));

  it("lists and runs tools", async () => {
    expect(met().connection).toMatchObject({ era: "legacy", sessionId: "the-session" });
    expect((await catalogOf(met())).tools.map(({ facts }) => facts.name)).toEqual(["add", "ping-back"]);
    expect(await textOf(run(met().connection, "add", { a: 1, b: 2 }))).toBe("3");
    expect(failed(await run({ ...met().connection, sessionId: "other" }, "add", { a: 1, b: 2 }))).toMatchObject({
      code: "session_lost",
      execution: "not_executed",
    });
  });

  it.skipIf(enableJsonResponse)("gets its pings answered and its other requests declined", async () => {
    const paramsText = '{"name":"ping-back","arguments":{}}';
    const asked = { connection: met().connection, server: "s1", method: "tools/call", paramsText, safe: false };
    const answered = value(await exchange(asked, roomy(), {}));
    expect(answered.resultText).toContain("Method not found");
    expect(answered.listChanged).toBe(true);
  });
});
