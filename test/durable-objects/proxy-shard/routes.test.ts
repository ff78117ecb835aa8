import { reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { connectTo, FakeServer } from "./fake-server.ts";
import { codeOf, register, routeAsk, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

it("tells where a tool lives and how to speak to its server", async () => {
  const files = new FakeServer("files.example", ["read", "write"]);
  connectTo(files);
  const { shard } = await register(files);
  const route = valueOf(await shard.route(routeAsk("files", "read")));
  expect(route).toMatchObject({
    server: "files",
    tool: { name: "read" },
    replicas: [{ url: files.url, kind: "http", era: "legacy", sessionId: files.session, generation: 1 }],
    tokens: Infinity,
  });
});
