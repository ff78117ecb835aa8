import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, makeKey, passTime, register, tool, type Body } from "../door.ts";
import { talker, type Talker } from "./talker.ts";
import { expectFault, legacy, listen, modern, openSession, stream, type Stream } from "./client.ts";

const idKey = "io.modelcontextprotocol/subscriptionId";

let talk: Talker;
const path = "/mcp/servers/talk";
const streams: Stream[] = [];

function opened(one: Stream): Stream {
  streams.push(one);
  return one;
}

beforeEach(async () => {
  talk = talker("talk.example");
  connectTo(talk, { host: "other.example", tools: [tool("two")] });
  await register({ id: "talk", url: "https://talk.example/mcp" });
});

afterEach(async () => {
  for (const one of streams.splice(0)) await one.leave();
  vi.restoreAllMocks();
  for (const id of ["talk", "other"]) await ask(`/servers/${id}`, { method: "DELETE" });
});

function listChanged(list: string, id?: unknown): Body {
  const meta = id === undefined ? {} : { params: { _meta: { [idKey]: id } } };
  return { jsonrpc: "2.0", method: `notifications/${list}/list_changed`, ...meta };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await scheduler.wait(5);
}

describe("a legacy client that listens", () => {
  it("is told which lists have changed when a server comes or goes", async () => {
    const session = await openSession("/mcp");
    const heard = opened(await listen("/mcp", session));
    expect(heard.response.headers.get("content-type")).toBe("text/event-stream");
    expect(await heard.next()).toEqual({ id: expect.stringMatching(/^l\./), retry: "1000", data: "" });
    await register({ id: "other", url: "https://other.example/mcp" });
    expect(await heard.message()).toEqual(listChanged("tools"));
  });

  it("is told at once what changed while it was away", async () => {
    const session = await openSession("/mcp");
    const before = await listen("/mcp", session);
    const mark = await before.next();
    await before.leave();
    const same = opened(await listen("/mcp", session, { "last-event-id": mark?.id ?? "" }));
    await ask("/servers/talk", { method: "PATCH", json: { disabled: true } });
    passTime(2_500);
    const again = opened(await listen("/mcp", session, { "last-event-id": mark?.id ?? "" }));
    expect((await again.next())?.data).toBe("");
    const first = await again.next();
    for (const list of ["prompts", "resources"]) expect(await again.message()).toEqual(listChanged(list));
    expect(JSON.parse(first?.data ?? "")).toEqual(listChanged("tools"));
    // Who has lost the stream after the first of them has seen that one only.
    const half = opened(await listen("/mcp", session, { "last-event-id": first?.id ?? "" }));
    for (const list of ["prompts", "resources"]) expect(await half.message()).toEqual(listChanged(list));
    const now = (await same.next())?.id;
    expect(now).toMatch(/^l\./);
  });

  it("hears that a list has changed from the server itself", async () => {
    const session = await openSession(path);
    const heard = opened(await listen(path, session));
    await until(() => talk.open > 0);
    Object.assign(talk, { tools: [tool("one"), tool("two")] });
    talk.says.push(JSON.stringify(listChanged("tools")));
    expect(await heard.message()).toEqual(listChanged("tools"));
    const listed = (await legacy(path, "tools/list")).body["result"] as { tools: Body[] };
    expect(listed.tools.map(({ name }) => name)).toEqual(["one", "two"]);
  });

  it("hears of the resources that it subscribed to, and of no others", async () => {
    const session = await openSession("/mcp");
    const heard = opened(await listen("/mcp", session));
    const ours = (method: string, uri: string) =>
      legacy("/mcp", method, { uri }, { headers: { "mcp-session-id": session } });
    expect((await ours("resources/subscribe", "file:///a")).body["result"]).toEqual({});
    const updated = (uri: string) => ({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } });
    // It may have changed between the subscribing and the listening.
    expect(await heard.message()).toEqual(updated("file:///a"));
    expect(talk.subscribed).toEqual(["file:///a"]);
    talk.says.push(JSON.stringify(updated("file:///b")), JSON.stringify(updated("file:///a")));
    expect(await heard.message()).toEqual(updated("file:///a"));
    // A part of what is subscribed to.
    talk.says.push(JSON.stringify(updated("file:///a/inside")));
    expect(await heard.message()).toEqual(updated("file:///a/inside"));
    expect((await ours("resources/unsubscribe", "file:///a")).body["result"]).toEqual({});
    talk.says.push(JSON.stringify(updated("file:///a")));
    await register({ id: "other", url: "https://other.example/mcp" });
    expect(await heard.message()).toEqual(listChanged("tools"));
  });

  it("may subscribe to more", async () => {
    const session = await openSession("/mcp");
    const heard = opened(await listen("/mcp", session));
    const uris = ["file:///a", "file:///b"];
    const updated: unknown[] = [];
    for (const uri of uris) {
      await legacy("/mcp", "resources/subscribe", { uri }, { headers: { "mcp-session-id": session } });
      while (!updated.includes(uri)) updated.push(((await heard.message()) as { params: Body }).params["uri"]);
    }
    expect(talk.subscribed).toEqual(["file:///a", "file:///a", "file:///b"]);
  });

  it("is not told that it may subscribe to what nobody has", async () => {
    const session = await openSession("/mcp");
    const headers = { "mcp-session-id": session };
    const { data } = expectFault(
      await legacy("/mcp", "resources/subscribe", { uri: "none:x" }, { headers }),
      200,
      -32_002,
    );
    expect(data).toEqual({ uri: "none:x" });
    expectFault(await legacy("/mcp", "resources/subscribe", {}, { headers }), 200, -32_602);
  });

  it("hears what the one server of its endpoint has to say, from the level on that it set", async () => {
    const session = await openSession(path);
    const headers = { "mcp-session-id": session };
    await legacy(path, "logging/setLevel", { level: "warning" }, { headers });
    const heard = opened(await listen(path, session));
    await until(() => talk.open > 0);
    const log = (level: string) => ({ jsonrpc: "2.0", method: "notifications/message", params: { level, data: "x" } });
    talk.says.push(JSON.stringify(log("info")), JSON.stringify(log("error")));
    expect(await heard.message()).toEqual(log("error"));
  });

  it("stops listening when its session ends", async () => {
    const session = await openSession("/mcp");
    const heard = opened(await listen("/mcp", session));
    await heard.next();
    await ask("/mcp", { method: "DELETE", headers: { "mcp-session-id": session } });
    expect(await heard.next()).toBeUndefined();
  });

  it("leaves the servers in peace when it has gone", async () => {
    const session = await openSession(path);
    const heard = await listen(path, session);
    await until(() => talk.open > 0);
    await heard.leave();
    await until(() => talk.open === 0);
    expect(talk.open).toBe(0);
  });
});

describe("subscriptions/listen", () => {
  const begin = (at: string, notifications: Body, id: unknown = "L1", key?: string) =>
    stream(at, "modern", "subscriptions/listen", { notifications }, { id, ...(key === undefined ? {} : { key }) });
  const acknowledged = (notifications: Body, id: unknown = "L1") => ({
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: { notifications, _meta: { [idKey]: id } },
  });

  it("says first what it grants, then what changes, each in the id of the request", async () => {
    const heard = opened(await begin("/mcp", { toolsListChanged: true, promptsListChanged: false, odd: true }, 7));
    expect(await heard.message()).toEqual(acknowledged({ toolsListChanged: true }, 7));
    await register({ id: "other", url: "https://other.example/mcp" });
    expect(await heard.message()).toEqual(listChanged("tools", 7));
  });

  it("tells of nothing that was not asked for", async () => {
    const prompts = opened(await begin("/mcp", { promptsListChanged: true }));
    expect(await prompts.message()).toEqual(acknowledged({ promptsListChanged: true }));
    await register({ id: "other", url: "https://other.example/mcp" });
    await ask("/servers/talk", { method: "PATCH", json: { disabled: true } });
    expect(await prompts.message()).toEqual(listChanged("prompts", "L1"));
  });

  it("hears the server itself", async () => {
    const heard = opened(await begin(path, { toolsListChanged: true }));
    await heard.message();
    await until(() => talk.open > 0);
    Object.assign(talk, { tools: [tool("three")] });
    talk.says.push(JSON.stringify(listChanged("tools")));
    expect(await heard.message()).toEqual(listChanged("tools", "L1"));
  });

  it("grants the resources that somebody has, and tells of them", async () => {
    const uris = ["file:///b", "none:x"];
    const heard = opened(await begin("/mcp", { resourceSubscriptions: uris }));
    expect(await heard.message()).toEqual(acknowledged({ resourceSubscriptions: ["file:///b"] }));
    const updated = {
      jsonrpc: "2.0",
      method: "notifications/resources/updated",
      params: { uri: "file:///b", _meta: { [idKey]: "L1" } },
    };
    expect(await heard.message()).toEqual(updated);
    expect(talk.subscribed).toEqual(["file:///b"]);
  });

  it("keeps two with one id apart, by what each asked for", async () => {
    const { key } = await makeKey({ scopes: ["tools:list"], tools: ["talk__*"] });
    const tools = opened(await begin("/mcp", { toolsListChanged: true }, "same", key));
    const resources = opened(await begin("/mcp", { resourcesListChanged: true }, "same"));
    expect(await tools.message()).toEqual(acknowledged({ toolsListChanged: true }, "same"));
    expect(await resources.message()).toEqual(acknowledged({ resourcesListChanged: true }, "same"));
    await ask("/servers/talk", { method: "PATCH", json: { disabled: true } });
    expect(await tools.message()).toEqual(listChanged("tools", "same"));
    expect(await resources.message()).toEqual(listChanged("resources", "same"));
  });

  it("ends in good order when the key does", async () => {
    const { id, key } = await makeKey({ scopes: ["tools:list"] });
    const heard = opened(await begin("/mcp", { toolsListChanged: true }, "L1", key));
    await heard.message();
    await ask(`/keys/${id}`, { method: "DELETE" });
    passTime(60_000);
    expect(await heard.message()).toMatchObject({
      id: "L1",
      result: { resultType: "complete", _meta: { [idKey]: "L1" } },
    });
    expect(await heard.next()).toBeUndefined();
  });

  it("wants to know what to listen for, and a client that can", async () => {
    for (const notifications of [undefined, 7, [], { resourceSubscriptions: "x" }, { resourceSubscriptions: [1] }]) {
      expectFault(await modern("/mcp", "subscriptions/listen", { notifications }), 200, -32_602);
    }
    const headers = { accept: "application/json" };
    expectFault(await modern("/mcp", "subscriptions/listen", { notifications: {} }, { headers }), 200, -32_600);
  });
});
