/** What clients hold for the gateway, and give back: state of calls, ids of questions. Sealed, and good in one place. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixture, type Fixture } from "../conformance/fixture/start-fixture.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { callModern, messagesOf, openSession, post, read, type Door, type Message } from "../support/raw-mcp.ts";
import { register } from "../support/register.ts";
import { watched } from "./watched-offer.ts";

const eras = ["legacy", "modern"] as const;
type Era = (typeof eras)[number];
const servers = { legacy: watched(), modern: watched() };
const yes = { inputResponses: { sure: { action: "accept", content: { ok: true } } } };

let gateway: TestGateway;
const fixtures: Fixture[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  for (const era of eras) fixtures.push(await registered(era));
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(fixtures.map((fixture) => fixture.close()));
  await cleanUp();
});

async function registered(era: Era): Promise<Fixture> {
  const fixture = await startFixture(era, servers[era].offer);
  await register(gateway, era, fixture.url);
  return fixture;
}

function doorOf(path: string, key = gateway.key): Door {
  return { url: `${gateway.url}${path}`, key };
}

async function newKey(): Promise<string> {
  const made = await gateway.call("/keys", { method: "POST", body: { name: "another", scopes: ["tools:call"] } });
  return (made.body as { key: string }).key;
}

/** The state that the gateway gives out with the first round, and the keys of what is asked. */
async function firstRound(door: Door, tool = "ask_then_count", more: Message = {}) {
  const { last, text } = await callModern(door, tool, more);
  const result = last["result"] as { resultType: string; inputRequests: Message; requestState: string };
  expect(result?.resultType, text).toBe("input_required");
  const [key = ""] = Object.keys(result.inputRequests);
  const answers = { inputResponses: { [key]: yes.inputResponses.sure } };
  return { requestState: result.requestState, answers };
}

describe.each(eras)("the state of a call at a %s server", (era) => {
  const { ran } = servers[era];
  const home = `/mcp/servers/${era}`;

  it("carries the call on when it comes back as it was", async () => {
    const { requestState, answers } = await firstRound(doorOf(home));
    const before = ran.length;
    const { last } = await callModern(doorOf(home), "ask_then_count", { ...answers, requestState });
    expect(JSON.stringify(last)).toContain("counted");
    expect(ran.length).toBe(before + 1);
  });

  it("opens for nobody and nothing else, and nothing runs", async () => {
    const { requestState, answers } = await firstRound(doorOf(home));
    const before = ran.length;
    const own = doorOf(home);
    const back = { ...answers, requestState };
    const attempts = {
      tampered: await callModern(own, "ask_then_count", { ...back, requestState: `${requestState}A` }),
      shortened: await callModern(own, "ask_then_count", { ...back, requestState: requestState.slice(0, -2) }),
      invented: await callModern(own, "ask_then_count", { ...back, requestState: "v1.me.AAAAAAAAAAAAAAAA.AAAA" }),
      "no text": await callModern(own, "ask_then_count", { ...back, requestState: 7 }),
      "another key": await callModern(doorOf(home, await newKey()), "ask_then_count", back),
      "another tool": await callModern(own, "count", back),
      "other arguments": await callModern(own, "ask_then_count", { ...back, arguments: { what: "money" } }),
      "another endpoint": await callModern(doorOf("/mcp"), `${era}__ask_then_count`, back),
    };
    for (const [what, { last }] of Object.entries(attempts)) {
      expect({ what, code: (last["error"] as { code?: number })?.code }).toEqual({ what, code: -32602 });
    }
    expect(ran.length).toBe(before);
    const genuine = await callModern(own, "ask_then_count", back);
    expect(JSON.stringify(genuine.last), "the true one is still good").toContain("counted");
  });

  it("does not mind in which order the arguments are written", async () => {
    const door = doorOf(home);
    const { requestState, answers } = await firstRound(door, "ask_then_count", {
      arguments: { a: 1, b: [2, { c: 3, d: 4 }] },
    });
    const again = { arguments: { b: [2, { d: 4, c: 3 }], a: 1 }, ...answers, requestState };
    expect(JSON.stringify((await callModern(door, "ask_then_count", again)).last)).toContain("counted");
  });

  it("is a new one for each round", async () => {
    const door = doorOf(home);
    const tool = "test_input_required_result_multi_round";
    const first = await firstRound(door, tool);
    const step1 = { inputResponses: { step1: { action: "accept", content: { name: "Ada" } } } };
    const { last } = await callModern(door, tool, { ...step1, requestState: first.requestState });
    const second = last["result"] as { resultType: string; requestState: string };
    expect(second.resultType).toBe("input_required");
    expect(second.requestState).not.toBe(first.requestState);
    const step2 = { inputResponses: { step2: { action: "accept", content: { color: "blue" } } } };
    const done = await callModern(door, tool, { ...step2, requestState: second.requestState });
    expect(JSON.stringify(done.last)).toContain("Ada likes blue");
  });
});

describe("a call that waits in the gateway", () => {
  it("is gone with a gateway that was killed, is not run again, and the client is told to begin anew", async () => {
    const door = doorOf("/mcp/servers/legacy");
    const { requestState, answers } = await firstRound(door);
    const { ran } = servers.legacy;
    const before = ran.length;
    const { data, key } = gateway;
    await gateway.kill9();
    gateway = await startGateway({ data });
    const again = { url: `${gateway.url}/mcp/servers/legacy`, key };
    const { last } = await callModern(again, "ask_then_count", { ...answers, requestState });
    expect(JSON.stringify(last["error"])).toContain("park_lost");
    expect(ran.length).toBe(before);
    const anew = await firstRound(again);
    const done = await callModern(again, "ask_then_count", { ...anew.answers, requestState: anew.requestState });
    expect(JSON.stringify(done.last)).toContain("counted");
    expect(ran.length).toBe(before + 1);
  });
});

describe.each(eras)("the id of a question of a %s server", (era) => {
  const path = `/mcp/servers/${era}`;

  it("is good in the session that was asked, and in no other", async () => {
    const door = doorOf(path);
    const [own, other] = [await openSession(door), await openSession(door)];
    const params = { name: "test_elicitation", arguments: { message: "Who?" } };
    const response = await post(door, { jsonrpc: "2.0", id: 5, method: "tools/call", params }, inSession(own));
    const messages = messagesOf(response);
    const asked = (await messages.next()).value as Message;
    expect(asked["method"]).toBe("elicitation/create");

    const answer = (id: unknown) => ({
      jsonrpc: "2.0",
      id,
      result: { action: "accept", content: { username: "Ada" } },
    });
    const stolen = await read(await post(door, answer(asked["id"]), inSession(other)));
    expect(stolen.status, stolen.text).toBe(400);
    const invented = await read(await post(door, answer("elicited"), inSession(own)));
    expect(invented.status, invented.text).toBe(400);

    const taken = await post(door, answer(asked["id"]), inSession(own));
    expect(taken.status).toBe(202);
    const done = (await messages.next()).value as Message;
    expect(done["id"]).toBe(5);
    expect(JSON.stringify(done)).toContain("Ada");
  });
});

function inSession(session: string): Record<string, string> {
  return { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
}
