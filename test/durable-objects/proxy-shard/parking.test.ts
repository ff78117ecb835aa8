import { reset } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { asking, asksOf, greet, parkAsk } from "./asking.ts";
import { text } from "./asking-server.ts";
import { valueOf } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
  vi.restoreAllMocks();
});

const accept = { action: "accept", content: { name: "Ada" } };

it("answers with the server's questions, takes the answers, and ends with the result", async () => {
  const { server, shard } = await asking({ greet });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("greet")));
  expect(asks).toEqual({
    user_name: {
      method: "elicitation/create",
      params: { message: "Who?", requestedSchema: { type: "object" } },
    },
  });
  const answered = valueOf(await shard.resume("key1", parkId, JSON.stringify({ user_name: accept })));
  expect(answered).toEqual({
    is: "answered",
    resultText: JSON.stringify(text(`Hello {"name":"Ada"}`)),
    isError: false,
    notifications: [],
  });
  expect(server.runs).toEqual(["greet"]);
});

it("gathers what is asked together into one round, under the ids that the server gave", async () => {
  const { server, shard } = await asking({
    async all({ ask }) {
      const answers = await Promise.all([
        ask("who", "elicitation/create", { message: "Who?" }),
        ask(0, "sampling/createMessage", { messages: [], maxTokens: 1e3 }),
        ask("0", "roots/list"),
      ]);
      return text(JSON.stringify(answers));
    },
  });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("all")));
  expect(asks).toEqual({
    who: { method: "elicitation/create", params: { message: "Who?" } },
    "0": { method: "sampling/createMessage", params: { messages: [], maxTokens: 1000 } },
    '"0"': { method: "roots/list" },
  });
  const answers = `{"who":{"a":1}, "0" : {"big":9007199254740993}, "\\"0\\"":{"roots":[]}}`;
  const answered = valueOf(await shard.resume("key1", parkId, answers));
  expect(answered).toMatchObject({ is: "answered", resultText: expect.stringContaining("roots") });
  expect(server.runs).toEqual(["all"]);
});

it("goes round after round, and tells with each step what was said since the last", async () => {
  const { shard } = await asking({
    async wizard({ ask, notify, progressToken }) {
      const say = (progress: number) => notify("notifications/progress", { progressToken, progress });
      say(1);
      notify("notifications/progress", { progressToken: "another's", progress: 1 });
      notify("notifications/message", { level: "info", data: "one" });
      await ask("first", "elicitation/create");
      say(2);
      await ask("second", "elicitation/create");
      say(3);
      return text("done");
    },
  });
  const spoken = (step: { readonly notifications: readonly string[] }) =>
    step.notifications.map((one) => {
      const { method, params } = JSON.parse(one);
      return [method, params.progressToken ?? params.data, params.progress];
    });
  const quiet = asksOf(await shard.park(parkAsk("wizard")));
  expect([Object.keys(quiet.asks), spoken(quiet)]).toEqual([["first"], []]);

  const ask = parkAsk("wizard", { parkId: "p1", progress: true, logLevel: "info" });
  const first = asksOf(await shard.park(ask));
  expect(first.parkId).toBe("p1");
  expect(spoken(first)).toEqual([
    ["notifications/progress", "p1", 1],
    ["notifications/message", "one", undefined],
  ]);
  const second = asksOf(await shard.resume("key1", "p1", `{"first":{}}`));
  expect([Object.keys(second.asks), spoken(second)]).toEqual([["second"], [["notifications/progress", "p1", 2]]]);
  const last = valueOf(await shard.resume("key1", "p1", `{"second":{}}`));
  expect([last.is, spoken(last)]).toEqual(["answered", [["notifications/progress", "p1", 3]]]);
});

it("keeps a question open until it is answered with an object", async () => {
  const { server, shard } = await asking({ greet });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("greet")));
  for (const answers of ["{}", "null", `{"user_name":12345}`, `{"user_name":null}`, `{"other":{}}`]) {
    expect(asksOf(await shard.resume("key1", parkId, answers))).toEqual({ parkId, asks, notifications: [] });
  }
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{},"other":{}}`)).is).toBe("answered");
  expect(server.runs).toEqual(["greet"]);
});

it("tells the server exactly what the client declared, in a session for each key and set of capabilities", async () => {
  const { server, shard } = await asking({
    async can({ capabilities }) {
      return text(JSON.stringify(capabilities));
    },
  });
  const shared = server.initializes;
  const can = async (capabilitiesText: string, keyId = "key1") => {
    const step = valueOf(await shard.park(parkAsk("can", { capabilitiesText, keyId })));
    return step.is === "answered" ? JSON.parse(JSON.parse(step.resultText).content[0].text) : step;
  };
  const some = { sampling: {}, "x/future": { n: 1 } };
  expect(await can(JSON.stringify(some))).toEqual(some);
  expect(await can(JSON.stringify(some))).toEqual(some);
  expect(await can(`{"elicitation":{"form":{}}}`)).toEqual({ elicitation: { form: {} } });
  expect(await can(JSON.stringify(some), "key2")).toEqual(some);
  expect(server.initializes - shared).toBe(3);
});

it("refuses the server what the client did not declare, and says so when the call then fails", async () => {
  const { shard } = await asking({
    async insists({ ask }) {
      return text(JSON.stringify(await ask("s", "sampling/createMessage", {})));
    },
    async manages({ ask }) {
      const refused = await ask("s", "sampling/createMessage", {}).catch((error: unknown) => text(String(error)));
      return refused;
    },
  });
  const capabilitiesText = `{"elicitation":{}}`;
  expect(await shard.park(parkAsk("insists", { capabilitiesText }))).toMatchObject({
    failure: { code: "interaction_required", server: "asker", asked: "sampling/createMessage" },
  });
  expect(valueOf(await shard.park(parkAsk("manages", { capabilitiesText })))).toMatchObject({
    is: "answered",
    resultText: expect.stringContaining("-32601"),
  });
});

it("says that nobody knows when a call gives no answer after it was refused what it asked", async () => {
  const { server, shard } = await asking({
    async breaks({ ask, hangUp }) {
      await ask("s", "sampling/createMessage", {}).catch(() => undefined);
      hangUp();
      return text("too late");
    },
    async sleeps({ ask }) {
      await ask("s", "sampling/createMessage", {}).catch(() => undefined);
      return new Promise(() => {});
    },
  });
  const more = { capabilitiesText: `{"elicitation":{}}`, timeoutMs: 200 };
  for (const name of ["breaks", "sleeps"]) {
    expect(await shard.park(parkAsk(name, more)), name).toMatchObject({
      failure: {
        code: "outcome_unknown",
        execution: "unknown",
        evidence: expect.stringContaining("sampling/createMessage"),
      },
    });
  }
  expect(server.runs).toEqual(["breaks", "sleeps"]);
});

it("hears what is asked on the session's own stream, from the first call on", async () => {
  const { server, shard } = await asking({
    async aside({ ask, notify }) {
      notify("notifications/message", { data: "aside" }, "session");
      return text(JSON.stringify(await ask(0, "elicitation/create", { message: "?" }, "session")));
    },
  });
  server.opensAfterMs = 20;
  for (let round = 0; round < 2; round += 1) {
    const { parkId, asks, notifications } = asksOf(await shard.park(parkAsk("aside", { logLevel: "debug" })));
    expect(asks).toEqual({ "0": { method: "elicitation/create", params: { message: "?" } } });
    expect(notifications).toHaveLength(1);
    expect(valueOf(await shard.resume("key1", parkId, `{"0":{"action":"decline"}}`))).toMatchObject({
      resultText: expect.stringContaining("decline"),
    });
  }
  expect(server.streams).toBe(1);
});

it("takes a server that has no stream of the session's own as it is", async () => {
  const { server, shard } = await asking({ greet });
  server.hasStandingStream = false;
  const { parkId } = asksOf(await shard.park(parkAsk("greet")));
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{}}`)).is).toBe("answered");
});

it("parks two calls at once and mixes nothing up", async () => {
  const { server, shard } = await asking({
    async echo({ ask, args }) {
      return text(JSON.stringify(await ask(`q-${String(args["n"])}`, "elicitation/create")));
    },
  });
  const echo = (n: number) => shard.park(parkAsk("echo", { paramsText: `{"name":"echo","arguments":{"n":${n}}}` }));
  const [one, two] = (await Promise.all([echo(1), echo(2)])).map(asksOf);
  expect([one?.asks, two?.asks]).toEqual([
    { "q-1": { method: "elicitation/create" } },
    { "q-2": { method: "elicitation/create" } },
  ]);
  const second = shard.resume("key1", two?.parkId ?? "", `{"q-2":{"is":"two"},"q-1":{"is":"wrong"}}`);
  const first = shard.resume("key1", one?.parkId ?? "", `{"q-1":{"is":"one"}}`);
  expect(valueOf(await first)).toMatchObject({ resultText: expect.stringContaining("one") });
  expect(valueOf(await second)).toMatchObject({ resultText: expect.stringContaining("two") });
  expect(server.runs).toEqual(["echo", "echo"]);
});

it("asks no longer what the server has withdrawn", async () => {
  const { shard } = await asking({
    async impatient({ ask, notify }) {
      void ask("first", "elicitation/create").catch(() => undefined);
      await scheduler.wait(50);
      notify("notifications/cancelled", { requestId: "first" });
      await ask("second", "elicitation/create");
      return text("done");
    },
  });
  const { parkId, asks } = asksOf(await shard.park(parkAsk("impatient")));
  expect(Object.keys(asks)).toEqual(["first"]);
  await scheduler.wait(80);
  expect(Object.keys(asksOf(await shard.resume("key1", parkId, "{}")).asks)).toEqual(["second"]);
});

it("parks what is no tool just as well", async () => {
  const { server, shard } = await asking({ "prompts/get": greet, greet });
  const ask = parkAsk("any_prompt", { method: "prompts/get", paramsText: `{"name":"any_prompt"}` });
  const { parkId } = asksOf(await shard.park(ask));
  expect(valueOf(await shard.resume("key1", parkId, `{"user_name":{}}`)).is).toBe("answered");
  expect(server.runs).toEqual(["prompts/get"]);
});
