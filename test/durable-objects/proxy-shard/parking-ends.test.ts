import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { asking, asksOf, greet, parkAsk } from "./asking.ts";
import { text } from "./asking-server.ts";
import { actor, codeOf, fleet, shardStub, valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

it("does not know another key's call, nor one that has ended", async () => {
  const { server, shard } = await asking({ greet });
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  expect(await shard.resume("key2", parkId, `{"user_name":{}}`)).toEqual({ ok: false, failure: { code: "park_lost" } });
  await shard.abandon("key2", parkId);
  expect(codeOf(await shard.resume("key1", crypto.randomUUID(), "{}"))).toBe("park_lost");
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{}}`)).is).toBe("answered");
  expect(codeOf(await shard.resume("key1", parkId, `{"user_name":{}}`))).toBe("park_lost");
  expect(server.runs).toEqual(["greet"]);
});

it("has lost its parked calls after a restart, and runs none of them again", async () => {
  const { server, shard, number } = await asking({ greet });
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  await runInDurableObject(shardStub(number), (_shard, state) => state.abort("restart")).catch(() => undefined);
  expect(codeOf(await shardStub(number).resume("key1", parkId, `{"user_name":{}}`))).toBe("park_lost");
  expect(server.runs).toEqual(["greet"]);
});

it("sends a call again after a lost session, which proves that it did not run", async () => {
  const { server, shard } = await asking({ greet });
  server.losesSession = true;
  const before = server.initializes;
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{}}`)).is).toBe("answered");
  expect([server.runs, server.initializes - before]).toEqual([["greet"], 2]);
});

it("does not send a call again that broke off after it was sent", async () => {
  const { server, shard } = await asking({
    async breaks({ hangUp }) {
      hangUp();
      return text("too late");
    },
  });
  const broken = await shard.park(parkAsk("breaks"));
  expect(broken).toMatchObject({ ok: false, failure: { execution: "unknown" } });
  expect(server.runs).toEqual(["breaks"]);
});

it("gives up a call that has neither ended nor asked in time, and tells the server", async () => {
  const { server, shard } = await asking({ sleeps: () => new Promise(() => {}) });
  expect(await shard.park(parkAsk("sleeps", { timeoutMs: 50 }))).toEqual({
    ok: false,
    failure: { code: "server_timeout", server: "asker", execution: "unknown", timeoutMs: 50 },
  });
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
  expect(server.runs).toEqual(["sleeps"]);
});

it("gives up a call whose client does not come back within five minutes", async () => {
  const { server, shard, number } = await asking({ greet });
  const real = globalThis.setTimeout;
  let later: (() => void) | undefined;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, waitMs: number) => {
    if (waitMs !== 300_000) return real(run, waitMs);
    later = run;
    return real(() => undefined, 0);
  }) as typeof setTimeout);
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  expect(server.cancelled).toEqual([]);
  await runInDurableObject(shardStub(number), () => later?.());
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
  expect(codeOf(await shard.resume("key1", parkId, `{"user_name":{}}`))).toBe("park_lost");
});

it("cancels a call at its server when the client abandons it, before its first step or after", async () => {
  const { server, shard } = await asking({ greet, sleeps: () => new Promise(() => {}) });
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  await shard.abandon("key1", parkId);
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(1));
  expect(codeOf(await shard.resume("key1", parkId, "{}"))).toBe("park_lost");

  const parked = shard.park(parkAsk("sleeps", { parkId: "mine" }));
  await vi.waitFor(() => expect(server.runs).toContain("sleeps"));
  expect(codeOf(await shard.park(parkAsk("sleeps", { parkId: "mine" })))).toBe("conflict");
  await shard.abandon("key1", "mine");
  expect(await parked).toMatchObject({ failure: { code: "outcome_unknown", execution: "unknown" } });
  await vi.waitFor(() => expect(server.cancelled).toHaveLength(2));
});

it("does not begin a call whose client has left before it was heard of", async () => {
  const { server, shard } = await asking({ greet });
  await shard.abandon("key1", "mine");
  expect(codeOf(await shard.park(parkAsk("greet", { parkId: "mine" })))).toBe("park_lost");
  expect(server.runs).toEqual([]);
});

it("lets an answer be given again that did not get through", async () => {
  const { server, shard } = await asking({ greet });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("greet")));
  server.takesAnswers = false;
  expect(codeOf(await shard.resume("key1", parkId, `{"user_name":{}}`))).toBe("server_status");
  expect(asksOf(await shard.resume("key1", parkId, "{}")).asks).toEqual(asks);
  server.takesAnswers = true;
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{}}`)).is).toBe("answered");
  expect(server.runs).toEqual(["greet"]);
});

it("sends nothing for a tool that does not exist, or a server of another shard", async () => {
  const { server, shard, number } = await asking({ greet });
  expect(await shard.park(parkAsk("great"))).toEqual({
    ok: false,
    failure: { code: "unknown_tool", tool: "asker__great", nearest: ["asker__greet"] },
  });
  const { shards, revision } = await fleet().map();
  const other = shards.find((one) => one !== number) ?? 0;
  expect(await shardStub(other).park(parkAsk("greet"))).toEqual({ ok: false, failure: { code: "moved", revision } });
  expect(server.runs).toEqual([]);
});

it("ends the calls of a server that is deleted, and stays connected to nothing of it", async () => {
  const { server, shard } = await asking({ greet });
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  expect(server.streams).toBe(1);
  valueOf(await fleet().deleteServer("asker", actor));
  await vi.waitFor(() => expect([server.streams, server.ended.length]).toEqual([0, 2]));
  expect(await shard.resume("key1", parkId, `{"user_name":{}}`)).toMatchObject({ ok: false });
});

it("parks 64 calls of a key and 512 in all, and no more before one is over", async () => {
  const { server, shard } = await asking({
    async waits({ ask, args }) {
      return text(JSON.stringify(await ask(String(args["n"]), "elicitation/create")));
    },
  });
  let count = 0;
  const wait = async (keyId: string) => {
    count += 1;
    const paramsText = `{"name":"waits","arguments":{"n":${count}}}`;
    return shard.park(parkAsk("waits", { keyId, paramsText, timeoutMs: 15_000 }));
  };
  const many = (keyId: string, calls: number) => Promise.all(Array.from({ length: calls }, () => wait(keyId)));
  const [first] = (await many("key0", 64)).map(asksOf);
  expect(await wait("key0")).toEqual({ ok: false, failure: { code: "overloaded", retryAfterMs: 1_000 } });
  for (let key = 1; key < 8; key += 1) (await many(`key${key}`, 64)).forEach(asksOf);
  expect(codeOf(await wait("key8"))).toBe("overloaded");
  const [question = ""] = Object.keys(first?.asks ?? {});
  valueOf(await shard.resume("key0", first?.parkId ?? "", JSON.stringify({ [question]: {} })));
  asksOf(await wait("key8"));
  expect(server.runs).toHaveLength(513);
});

it("parks no more than fits into its memory, however few calls that is", async () => {
  const { server, shard } = await asking({ greet });
  const paramsText = `{"name":"greet","arguments":{"long":"${"x".repeat(10_000_000)}"}}`;
  const [first] = [
    await shard.park(parkAsk("greet", { paramsText })),
    await shard.park(parkAsk("greet", { paramsText })),
  ];
  expect(codeOf(await shard.park(parkAsk("greet", { paramsText })))).toBe("overloaded");
  await shard.abandon("key1", asksOf(first).parkId);
  expect(codeOf(await shard.park(parkAsk("greet", { paramsText })))).toBe("ok");
  expect(server.runs).toHaveLength(3);
});

it("asks its client no more than a million characters", async () => {
  const { shard } = await asking({
    async shouts({ ask }) {
      const long = { message: "x".repeat(600_000) };
      const answers = [1, 2].map((id) =>
        ask(id, "elicitation/create", long).then(
          () => "yes",
          () => "no",
        ),
      );
      return text((await Promise.all(answers)).join());
    },
  });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("shouts")));
  expect(Object.keys(asks)).toEqual(["1"]);
  expect(valueOf(await shard.resume("key1", parkId, `{"1":{}}`))).toMatchObject({
    resultText: expect.stringContaining("yes,no"),
  });
});
