/** What an isolate knows of toolsets, with the real Fleet behind it. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Fleet } from "../../durable-objects/fleet/fleet.ts";
import type { House } from "../../worker/house.ts";
import { forgetToolset, toolsetOf } from "../../worker/leases/toolsets.ts";
import { ask, passTime } from "./door.ts";

const background: Promise<unknown>[] = [];
const house: House = { env, requestId: "test", waitUntil: (work) => void background.push(work) };

const asked = () => vi.spyOn(Fleet.prototype, "toolset");
const titleOf = async (id: string) => {
  const answer = await toolsetOf(house, id);
  return answer.ok ? answer.value.title : answer.failure.code;
};

beforeEach(async () => {
  passTime(0);
  await ask("/toolsets", { json: { id: "t", title: "one" } });
});

afterEach(async () => {
  await Promise.all(background.splice(0));
  vi.restoreAllMocks();
  await ask("/toolsets/t", { method: "DELETE" });
  for (const id of ["t", "later"]) forgetToolset(id);
});

it("asks Fleet once in two seconds, and then anew", async () => {
  const fleet = asked();
  for (let i = 0; i < 5; i += 1) expect(await titleOf("t")).toBe("one");
  expect(fleet).toHaveBeenCalledTimes(1);
  passTime(2_001);
  expect(await titleOf("t")).toBe("one");
  expect(fleet).toHaveBeenCalledTimes(2);
});

it("asks ahead near the end, once, and lets nobody wait for it", async () => {
  await titleOf("t");
  const fleet = asked();
  passTime(1_500);
  for (let i = 0; i < 5; i += 1) await titleOf("t");
  expect(background).toHaveLength(1);
  await Promise.all(background);
  expect(fleet).toHaveBeenCalledTimes(1);
  passTime(1_300);
  expect(await titleOf("t")).toBe("one");
  expect(fleet).toHaveBeenCalledTimes(1);
});

it("holds a change made through another isolate within two seconds, and one made here at once", async () => {
  expect(await titleOf("t")).toBe("one");
  const stub = env.FLEET.get(env.FLEET.idFromName("fleet"));
  const elsewhere = { id: "t", title: "two", overrides: {}, naming: "always", createdAt: 1, updatedAt: 2 } as const;
  await stub.replaceToolset(elsewhere, { keyId: "root", requestId: "test" });
  passTime(2_001);
  expect(await titleOf("t")).toBe("two");
  await ask("/toolsets/t", { method: "PATCH", json: { title: "three" } });
  expect(await titleOf("t")).toBe("three");
  await ask("/toolsets/t", { method: "DELETE" });
  expect(await titleOf("t")).toBe("unknown_toolset");
});

it("does not go by an answer that is older than a change made here", async () => {
  const before = await toolsetOf(house, "t");
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  asked().mockImplementationOnce(async () => {
    await slow;
    return before;
  });
  passTime(1_500);
  await titleOf("t");
  await ask("/toolsets/t", { method: "PATCH", json: { title: "two" } });
  release();
  await Promise.all(background);
  expect(await titleOf("t")).toBe("two");
});

it("knows for as long that there is none, unless one is made here", async () => {
  const fleet = asked();
  for (let i = 0; i < 5; i += 1) expect(await titleOf("later")).toBe("unknown_toolset");
  expect(fleet).toHaveBeenCalledTimes(1);
  await ask("/toolsets", { json: { id: "later", title: "there" } });
  expect(await titleOf("later")).toBe("there");
  await ask("/toolsets/later", { method: "DELETE" });
});

it("goes by the last one known while Fleet is away, and does not ask for every caller", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  expect(await titleOf("t")).toBe("one");
  const fleet = asked().mockRejectedValue(new Error("away"));
  for (let i = 0; i < 3; i += 1) {
    passTime(2_001);
    for (let callers = 0; callers < 5; callers += 1) expect(await titleOf("t")).toBe("one");
  }
  expect(fleet).toHaveBeenCalledTimes(3);
  expect(await titleOf("never-seen")).toBe("fleet_unavailable");
});

it("waits a second at most for a Fleet that hangs, when there is something to go by", async () => {
  expect(await titleOf("t")).toBe("one");
  let release = (): void => undefined;
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  asked().mockImplementation(async (id) => {
    await hanging;
    return { ok: false, failure: { code: "unknown_toolset", toolset: id, nearest: [] } };
  });
  passTime(2_001);
  expect(await titleOf("t")).toBe("one");
  release();
});
