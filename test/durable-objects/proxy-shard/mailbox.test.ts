import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { Mailbox } from "../../../durable-objects/proxy-shard/mailbox.ts";
import { shardStub } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.useRealTimers();
});

const shard = () => shardStub(1);

it("hands a message to who waits for it, and to nobody else", async () => {
  const waiting = shard().waitForMail("box", 10_000);
  const other = shard().waitForMail("other", 50);
  expect(await shard().deliverMail("box", "hello")).toBe(true);
  expect(await waiting).toBe("hello");
  expect(await other).toBeUndefined();
});

it("keeps what nobody waits for until somebody does, oldest first and each once", async () => {
  expect(await shard().deliverMail("box", "one")).toBe(true);
  expect(await shard().deliverMail("box", "two")).toBe(true);
  expect(await shard().deliverMail("other", "three")).toBe(true);
  expect(await shard().waitForMail("box", 0)).toBe("one");
  expect(await shard().waitForMail("box", 0)).toBe("two");
  expect(await shard().waitForMail("box", 10)).toBeUndefined();
  expect(await shard().waitForMail("other", 0)).toBe("three");
});

it("gives each of many who wait one message, the first to the first", async () => {
  const waiting = [1, 2, 3].map(() => shard().waitForMail("box", 10_000));
  for (const text of ["a", "b", "c"]) await shard().deliverMail("box", text);
  expect(await Promise.all(waiting)).toEqual(["a", "b", "c"]);
});

it("gives nothing to who has left", async () => {
  expect(await shard().waitForMail("box", 5)).toBeUndefined();
  await shard().deliverMail("box", "late");
  expect(await shard().waitForMail("box", 5)).toBe("late");
});

it("holds sixteen messages in a box, and says when there is no room", async () => {
  const answers = await Promise.all(Array.from({ length: 17 }, (_, n) => shard().deliverMail("box", `${n}`)));
  expect(answers.filter((taken) => !taken)).toHaveLength(1);
  expect(await shard().deliverMail("other", "x")).toBe(true);
  await shard().waitForMail("box", 0);
  expect(await shard().deliverMail("box", "again")).toBe(true);
});

it("forgets after five minutes what nobody came for", async () => {
  await shard().deliverMail("box", "old");
  vi.setSystemTime(Date.now() + 200_000);
  await shard().deliverMail("box", "young");
  vi.setSystemTime(Date.now() + 200_000);
  expect(await shard().waitForMail("box", 0)).toBe("young");
  expect(await shard().waitForMail("box", 0)).toBeUndefined();
});

it("has ten thousand boxes at most, and gives those up first whose time is over", async () => {
  await runInDurableObject(shard(), async () => {
    const mailbox = new Mailbox();
    for (let n = 0; n < 10_000; n += 1) expect(mailbox.deliver(`box-${n}`, "x", 0)).toBe(true);
    expect(mailbox.deliver("one-more", "x", 1)).toBe(false);
    expect(mailbox.deliver("box-1", "x", 1)).toBe(true);
    expect(mailbox.deliver("one-more", "x", 300_000)).toBe(true);
  });
});

it("keeps eight million characters in all", async () => {
  await runInDurableObject(shard(), async () => {
    const mailbox = new Mailbox();
    const half = "x".repeat(4_194_304);
    expect([1, 2, 3].map((n) => mailbox.deliver(`box-${n}`, half, 0))).toEqual([true, true, false]);
    expect(mailbox.deliver("box-3", half, 300_000)).toBe(true);
    expect(mailbox.deliver("box-4", half, 300_000)).toBe(true);
    expect(mailbox.deliver("box-5", "x", 300_000)).toBe(false);
  });
});

it("has no box with a name of endless length", async () => {
  const box = "b".repeat(513);
  expect(await shard().deliverMail(box, "x")).toBe(false);
  const waiting = shard().waitForMail(box, 60_000);
  expect(await shard().deliverMail(box, "x")).toBe(false);
  expect(await waiting).toBeUndefined();
});

it("lets four thousand wait, and sends others away, but not at once", async () => {
  await runInDurableObject(shard(), async () => {
    const mailbox = new Mailbox();
    const waits = Array.from({ length: 4_000 }, (_, n) => mailbox.wait(`box-${n % 2_000}`, 60_000));
    const beyond = [mailbox.wait("one-more", 60_000), mailbox.wait("box-1", 60_000)];
    expect(await Promise.race([...beyond, scheduler.wait(1).then(() => "still waiting")])).toBe("still waiting");
    for (let n = 0; n < 4_001; n += 1) expect(mailbox.deliver(`box-${n % 2_000}`, "yes", Date.now())).toBe(true);
    expect(new Set(await Promise.all(waits))).toEqual(new Set(["yes"]));
    expect(await Promise.all(beyond)).toEqual([undefined, undefined]);
    expect(await mailbox.wait("box-0", 0)).toBe("yes");
    expect(await mailbox.wait("box-1", 0)).toBeUndefined();
  });
});
