/** What clients hold for us opens where it was made for, and nowhere else. */
import { env } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { House } from "../../../worker/house.ts";
import { digestOf, withoutRetryFields } from "../../../worker/mcp/bridge/digest.ts";
import { Forwarding } from "../../../worker/mcp/bridge/forwarding.ts";
import { openAsk, openState, openTask, sealAsk, sealState, sealTask } from "../../../worker/mcp/bridge/sealed.ts";
import type { Offering, RpcCall, Session } from "../../../worker/mcp/rpc-call.ts";

afterEach(() => void vi.useRealTimers());

const house = { env } as unknown as House;
const held = { is: "servers", server: "one", stateText: '"s"' } as const;

interface Asked {
  readonly keyId?: string;
  readonly offering?: Offering;
  readonly method?: string;
  readonly paramsText?: string;
}

/** As much of a call as what is sealed is bound to. */
function call({ keyId = "me", offering = { is: "everything" }, ...rest }: Asked = {}): RpcCall {
  const { method = "tools/call", paramsText = '{"name":"a","arguments":{"n":1}}' } = rest;
  const caller = { principal: { keyId, name: "", scopes: [] } };
  return { house, caller, offering, method, paramsText } as unknown as RpcCall;
}

function session(id: string, keyId = "me"): Session {
  const capabilitiesText = '{"elicitation":{},"sampling":{}}';
  return { id, keyId, shard: 1, endpoint: "/mcp", protocolVersion: "2025-11-25", capabilitiesText, endsAt: 0 };
}

describe("the digest of what is asked", () => {
  const params = '{"name":"a","arguments":{"x":1,"y":[{"b":2,"a":"é"}]}}';

  it("is the same for the same, however it is written", async () => {
    const again = '{ "arguments": {"y":[ {"a":"\\u00e9","b":2} ], "x":1}, "name":"a" }';
    expect(await digestOf("tools/call", again)).toBe(await digestOf("tools/call", params));
  });

  it("does not see what a retry adds", async () => {
    const retry = `{"requestState":"s","inputResponses":{"k":{}},${params.slice(1)}`;
    expect(await digestOf("tools/call", retry)).toBe(await digestOf("tools/call", params));
    expect(withoutRetryFields(retry)).toBe(params);
  });

  it.each([
    ["another method", "prompts/get", params],
    ["another name", "tools/call", params.replace('"a","arg', '"b","arg')],
    ["another value", "tools/call", params.replace('"x":1', '"x":2')],
    ["a number that only looks equal to most parsers", "tools/call", params.replace('"x":1', '"x":1.0')],
    ["one member more", "tools/call", params.replace('"x":1', '"x":1,"z":1')],
    ["another order in a list", "tools/call", params.replace("[{", "[0,{")],
  ])("sees %s", async (_what, method, text) => {
    expect(await digestOf(method, text)).not.toBe(await digestOf("tools/call", params));
  });

  it("tells numbers beyond 2^53 apart", async () => {
    const big = (n: string) => digestOf("tools/call", `{"n":${n}}`);
    expect(await big("9007199254740993")).not.toBe(await big("9007199254740992"));
  });
});

describe("the state of a call", () => {
  it("opens for the same request of the same key at the same endpoint", async () => {
    expect(await openState(call(), await sealState(call(), held))).toEqual(held);
  });

  it.each<[string, Asked]>([
    ["another key", { keyId: "you" }],
    ["another endpoint", { offering: { is: "server", server: "one" } }],
    ["a toolset that is called as a server is", { offering: { is: "toolset", toolset: "one" } }],
    ["another method", { method: "prompts/get" }],
    ["another tool", { paramsText: '{"name":"b","arguments":{"n":1}}' }],
    ["other arguments", { paramsText: '{"name":"a","arguments":{"n":2}}' }],
  ])("does not open for %s", async (_what, other) => {
    expect(await openState(call(other), await sealState(call(), held))).toBeUndefined();
  });

  it("opens no longer when its time is over", async () => {
    const sealed = await sealState(call(), held);
    vi.useFakeTimers({ now: Date.now() + 3_600_001, toFake: ["Date"] });
    expect(await openState(call(), sealed)).toBeUndefined();
  });

  it("is not to be had from a task's id, nor a task from it", async () => {
    const task = { server: "one", tool: "a", taskId: "t" };
    expect(await openState(call(), await sealTask(call(), task, Date.now() + 1_000))).toBeUndefined();
    expect(await openTask(call(), await sealState(call(), held))).toBeUndefined();
  });
});

describe("a task's id", () => {
  const task = { server: "one", tool: "a", taskId: "t" };

  it("opens with whatever method, for its key at its endpoint, until it ends", async () => {
    const id = await sealTask(call(), task, Date.now() + 60_000);
    expect(await openTask(call({ method: "tasks/get", paramsText: "{}" }), id)).toEqual(task);
    expect(await openTask(call({ keyId: "you" }), id)).toBeUndefined();
    expect(await openTask(call(), await sealTask(call(), task, Date.now()))).toBeUndefined();
  });
});

describe("a question that is forwarded", () => {
  const request = {
    method: "elicitation/create",
    idText: "0",
    text: '{"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{"message":"é","_meta":{"progressToken":1,"x":2}}}',
  };

  function forwarding(of: Session | undefined, carries = true) {
    const sent: string[] = [];
    const line = { carries, send: (text: string) => void sent.push(text) };
    return { sent, way: new Forwarding(house, of, { server: "one", replica: "1" }, line) };
  }

  it("goes out under an id of ours that leads back to it, and otherwise as it was", async () => {
    const own = session("s1");
    const { sent, way } = forwarding(own);
    expect(way.take(request)).toBe(true);
    await way.done();
    const { id } = JSON.parse(sent[0] ?? "") as { id: string };
    expect(sent[0]?.replace(JSON.stringify(id), "0").replace('"x":2', '"progressToken":1,"x":2')).toBe(request.text);
    expect(await openAsk(house, own, id)).toEqual({ is: "servers", server: "one", replica: "1", idText: "0" });
    expect(await openAsk(house, session("s2"), id)).toBeUndefined();
    expect(await openAsk(house, session("s1", "you"), id)).toBeUndefined();
  });

  it("keeps its place among what else is said, though sealing takes a moment", async () => {
    const { sent, way } = forwarding(session("s1"));
    way.send("before");
    way.take(request);
    way.send("after");
    await way.done();
    expect(sent.map((text) => (text.startsWith("{") ? "question" : text))).toEqual(["before", "question", "after"]);
  });

  it("is withdrawn under the id that the client knows", async () => {
    const { sent, way } = forwarding(session("s1"));
    way.take(request);
    way.withdraw('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":0,"reason":"late"}}');
    way.withdraw('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}');
    await way.done();
    const [asked, cancelled, ...more] = sent.map((text) => JSON.parse(text) as { id?: string; params: object });
    expect(more).toEqual([]);
    expect(cancelled?.params).toEqual({ requestId: asked?.id, reason: "late" });
  });

  it("is not taken for a client that cannot be asked", () => {
    expect(forwarding(undefined).way.take(request)).toBe(false);
    expect(forwarding(session("s1"), false).way.take(request)).toBe(false);
    expect(forwarding(session("s1")).way.take({ ...request, method: "roots/list" })).toBe(false);
    expect(forwarding(session("s1")).way.take({ ...request, method: "ping" })).toBe(false);
    expect(forwarding(session("s1")).way.canAsk).toBe(true);
    expect(forwarding(session("s1"), false).way.canAsk).toBe(false);
  });

  it("leads back to a waiting call, when a call of ours asked", async () => {
    const ask = { is: "mail", shard: 2, box: "b", key: "k" } as const;
    expect(await openAsk(house, session("s1"), await sealAsk(house, session("s1"), ask))).toEqual(ask);
  });
});
