/** Servers behind connectors when shards sleep, and when servers move among them. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask } from "../door.ts";
import { connect, echo, mcp, openAndGreet, until, untilState } from "./fake-connector.ts";

describe("servers behind a connector", () => {
  it("are there when their shard has slept", async () => {
    const connected = await connect({ servers: { memory: mcp(["store"], echo) } });
    await untilState("memory", "ready");
    for (const shard of [1, 2, 3]) await evictDurableObject(env.SHARD.get(env.SHARD.idFromName(`shard:${shard}`)));
    expect((await ask("/connectors")).body).toMatchObject({
      connectors: [{ name: "laptop", version: "1.2.3", shards: [1, 2, 3], servers: [{ id: "memory" }] }],
    });
    const called = await ask("/call", { json: { tool: "memory__store", arguments: {} } });
    expect(called.status, called.text).toBe(200);
    expect([...connected.lines.values()].every(({ closed }) => closed === undefined)).toBe(true);
    connected.close();
  });

  it("are left asleep by upkeep when they are started only on call", async () => {
    let listings = 0;
    const lazy = mcp(["store"], echo);
    const connected = await connect({
      servers: {
        lazy(carried) {
          if (carried.body.includes("tools/list")) listings += 1;
          lazy(carried);
        },
      },
      state: "idle",
    });
    await untilState("lazy", "ready");
    expect(listings).toBe(1);
    // Upkeep falls due, and the alarm rings by itself.
    for (const shard of [1, 2, 3]) await env.SHARD.get(env.SHARD.idFromName(`shard:${shard}`)).heardListChanged("lazy");
    await scheduler.wait(1_500);
    expect(listings).toBe(1);
    connected.close();
    await ask("/servers/lazy", { method: "DELETE" });
  });

  it("move to other shards, and no call fails meanwhile", async () => {
    const servers = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`moving-${n}`, mcp(["store"], echo)] as const),
    );
    const connected = await connect({ servers });
    for (const id of Object.keys(servers)) await untilState(id, "ready");
    const over = new AbortController();
    const failures: string[] = [];
    let calls = 0;
    const keepCalling = async (id: string): Promise<void> => {
      while (!over.signal.aborted) {
        const called = await ask("/call", { json: { tool: `${id}__store`, arguments: {} } });
        calls += 1;
        // Nothing here waits for a network, so callers that never paused would leave time for nobody else.
        await scheduler.wait(10);
        if (called.status !== 200) failures.push(called.text);
      }
    };
    const callers = Object.keys(servers).slice(0, 6).map(keepCalling);
    try {
      for (const count of [5, 2, 4]) {
        const set = await ask("/shards", { method: "PUT", json: { count } });
        expect(set.status, set.text).toBe(200);
        // As a connector does: it follows the list in the welcome of any of its sockets.
        const [line] = connected.lines.values();
        await until(() => line?.welcomes.at(-1)?.shards.length === count);
        const shards = line?.welcomes.at(-1)?.shards ?? [];
        for (const shard of shards) {
          if (!connected.lines.has(shard)) connected.lines.set(shard, await openAndGreet(shard, { servers }));
        }
        for (const [shard, { socket }] of connected.lines) {
          if (shards.includes(shard)) continue;
          socket.close(1000, "not a shard any more");
          connected.lines.delete(shard);
        }
        await scheduler.wait(300);
      }
    } finally {
      over.abort();
    }
    await Promise.all(callers);
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(20);
    connected.close();
  });
});
