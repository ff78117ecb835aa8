/** The judge itself: what it lets pass, and what it does not. */
import { createServer, get } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { judge, type Expected } from "./expected.ts";
import { end } from "./fixture/web-http.ts";
import { outcomeOf, type Check } from "./outcomes.ts";
import { startWithKey } from "./with-key.ts";

const run = "2026-07-28 /mcp/servers/legacy";
const check = (status: Check["status"]): Check => ({ id: "a-check", status });
const entry = (scenario: string, of = run): Expected => ({
  run: of,
  scenario,
  sentence: "A server MUST NOT do what the scenario wants.",
  source: "https://modelcontextprotocol.io/specification/2025-11-25",
});

describe("an outcome", () => {
  it("passes with successes and no failure, warnings or not", () => {
    expect(outcomeOf("a", [check("SUCCESS"), check("WARNING")]).passed).toBe(true);
    expect(outcomeOf("a", [check("SUCCESS"), check("FAILURE")]).passed).toBe(false);
  });

  it("does not pass when nothing could be checked", () => {
    expect(outcomeOf("a", [check("INFO"), check("SKIPPED")]).passed).toBe(false);
    expect(outcomeOf("a", []).passed).toBe(false);
  });
});

describe("expected failures", () => {
  const passed = outcomeOf("passed", [check("SUCCESS")]);
  const failed = outcomeOf("failed", [check("FAILURE")]);

  it("excuse the scenario they name, in the run they name", () => {
    expect(judge(run, [passed, failed], [entry("failed")])).toEqual({ unexpected: [], expected: [failed], stale: [] });
    expect(judge(run, [failed], [entry("failed", "another run")]).unexpected).toEqual([failed]);
  });

  it("are stale when their scenario passes or does not exist", () => {
    expect(judge(run, [passed], [entry("passed"), entry("gone")]).stale).toEqual([entry("passed"), entry("gone")]);
  });
});

describe("the door that adds a key", () => {
  it("passes Host and Origin on as they came, and tells the gateway when the client leaves", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { host, origin, authorization } = request.headers;
      seen.push({ host, origin, authorization, url: request.url });
      response.write("first");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const door = await startWithKey({ url: `http://127.0.0.1:${port}`, key: "secret" });
    const left = new Promise<void>((resolve) => {
      server.once("request", (_request, response) => response.once("close", () => resolve()));
    });
    const headers = { Host: "evil.example.com", Origin: "http://evil.example.com", Authorization: "Bearer mine" };
    const asking = get(`${door.origin}/mcp?a=b`, { headers });
    asking.on("error", () => undefined);
    const [answer] = (await once(asking, "response")) as [NodeJS.ReadableStream];
    expect(String(await once(answer, "data"))).toBe("first");
    asking.destroy();
    await left;
    expect(seen).toEqual([
      { host: "evil.example.com", origin: "http://evil.example.com", authorization: "Bearer secret", url: "/mcp?a=b" },
    ]);
    await door.close();
    await end(server);
  });
});
