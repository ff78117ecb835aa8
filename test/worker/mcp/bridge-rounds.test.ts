/** A modern server's rounds: played by us for legacy clients, by modern clients themselves. */
import { describe, expect, it } from "vitest";
import { memberText } from "../../../core/protocol/json-text.ts";
import { ask, type Body } from "../door.ts";
import { legacy, modern, resultOf, stream } from "./client.ts";
import { act, metaOf, modernServer, paramsOf, serve, sessionAt } from "./scripted.ts";

const elicit =
  '{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","x":1.50}}}';

describe("a modern server's round with a legacy client", () => {
  const state = '"s\\u0041\\/t\\u00e9"';

  /** Reads what is asked, answers it, and waits for the end. */
  async function play(path: string, headers: Record<string, string>, answer: Body): Promise<Body | undefined> {
    const line = await stream(path, "legacy", "tools/call", act, { id: "c", headers });
    const asked = await line.message();
    expect(asked?.["method"]).toBe("elicitation/create");
    const taken = await ask(path, {
      json: { jsonrpc: "2.0", id: asked?.["id"], ...answer },
      headers: json(headers),
    });
    expect(taken.status, taken.text).toBe(202);
    return line.message();
  }

  const json = (headers: Record<string, string>) => ({ accept: "application/json, text/event-stream", ...headers });

  it.each([
    ["with a state, which goes back byte for byte", `,"requestState":${state}`, state],
    ["without a state, and none goes back", "", undefined],
  ])("is asked again %s", async (_how, withState, back) => {
    const server = await serve(modernServer, (_asked, count) =>
      count === 1
        ? `"result":{"resultType":"input_required","inputRequests":{"k\\u0041":${elicit}}${withState}}`
        : `"result":{"content":[]}`,
    );
    const done = await play(server.path, await sessionAt(server.path), {
      result: { action: "accept", content: { n: 1.5 } },
    });
    expect(done).toMatchObject({ id: "c", result: { content: [] } });
    expect(server.asked.length).toBe(2);
    expect(memberText(paramsOf(server, 1), "requestState")).toBe(back);
    const given = JSON.parse(memberText(paramsOf(server, 1), "inputResponses") ?? "null") as Body;
    expect(given).toEqual({ kA: { action: "accept", content: { n: 1.5 } } });
    expect(server.asked[0]?.message.id).not.toBe(server.asked[1]?.message.id);
  });

  it("ends when the client refuses, and the tool does not run again", async () => {
    const server = await serve(
      modernServer,
      () => `"result":{"resultType":"input_required","inputRequests":{"k":${elicit}}}`,
    );
    const done = await play(server.path, await sessionAt(server.path), { error: { code: -1, message: "not now" } });
    expect(done).toMatchObject({ id: "c", result: { isError: true } });
    expect(server.asked.length).toBe(1);
  });

  it("is not begun with a client that cannot be asked", async () => {
    const server = await serve(
      modernServer,
      () => `"result":{"resultType":"input_required","inputRequests":{"k":${elicit}}}`,
    );
    const answer = await legacy(server.path, "tools/call", act, {
      headers: await sessionAt(server.path, { roots: {} }),
    });
    expect(resultOf(answer)).toMatchObject({ isError: true });
    expect(answer.text).toContain("interaction_required");
    expect(server.asked.length).toBe(1);
  });

  it("tells a server nothing of questions when the client takes no stream", async () => {
    const server = await serve(modernServer, () => `"result":{"content":[]}`);
    const headers = {
      ...(await sessionAt(server.path, { elicitation: {}, experimental: {} })),
      accept: "application/json",
    };
    await legacy(server.path, "tools/call", act, { headers });
    expect(metaOf(server)["io.modelcontextprotocol/clientCapabilities"]).toEqual({ experimental: {} });
  });

  it.each([
    ["asks for nothing", `"result":{"resultType":"input_required"}`],
    ["answers with a task that nobody asked for", `"result":{"resultType":"task","taskId":"t"}`],
    ["answers with a type that nobody knows", `"result":{"resultType":"surprise","content":[]}`],
  ])("fails when the server %s", async (_what, outcome) => {
    const server = await serve(modernServer, () => outcome);
    const answer = await legacy(server.path, "tools/call", act, { headers: await sessionAt(server.path) });
    expect(resultOf(answer)).toMatchObject({ isError: true });
    expect(answer.text).toContain("answer_invalid");
    expect(server.asked.length).toBe(1);
  });
});

describe("a modern server's round with a modern client", () => {
  it("hides the server's state in ours and gives it back byte for byte", async () => {
    const state = '"{\\"n\\":1.0}\\u0041"';
    const server = await serve(modernServer, (_asked, count) =>
      count === 1
        ? `"result":{"resultType":"input_required","inputRequests":{"k":${elicit}},"requestState":${state}}`
        : `"result":{"content":[]}`,
    );
    const first = resultOf(await modern(server.path, "tools/call", act));
    expect(JSON.stringify(first["inputRequests"])).toContain("Who?");
    expect(String(first["requestState"])).toMatch(/^v1\./);
    const retry = { ...act, inputResponses: { k: { action: "decline" } }, requestState: first["requestState"] };
    resultOf(await modern(server.path, "tools/call", retry));
    expect(memberText(paramsOf(server, 1), "requestState")).toBe(state);
    expect(memberText(paramsOf(server, 1), "inputResponses")).toBe('{"k":{"action":"decline"}}');
    expect(memberText(paramsOf(server, 0), "requestState")).toBeUndefined();
  });

  it("passes answers on that come without a state", async () => {
    const server = await serve(modernServer, () => `"result":{"content":[]}`);
    await modern(server.path, "tools/call", { ...act, inputResponses: { k: { action: "decline" } } });
    expect(memberText(paramsOf(server, 0), "inputResponses")).toBe('{"k":{"action":"decline"}}');
  });

  it("keeps a missing capability what it is, status and all", async () => {
    const error = '{"code":-32021,"message":"no","data":{"requiredCapabilities":{"sampling":{}}}}';
    const server = await serve(modernServer, ({ message }) => {
      const body = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"error":${error}}`;
      return new Response(body, { status: 400, headers: { "content-type": "application/json" } });
    });
    const answer = await modern(server.path, "tools/call", act);
    expect(answer.status).toBe(400);
    expect(answer.body["error"]).toEqual(JSON.parse(error));
  });

  it("gives a task to a client that knows tasks only, under an id that leads back to it", async () => {
    const server = await serve(modernServer, ({ message }) =>
      message.method === "tasks/get"
        ? `"result":{"taskId":"t1","status":"working","ttlMs":null}`
        : `"result":{"resultType":"task","taskId":"t1","status":"working","ttlMs":null}`,
    );
    const meta = {
      "io.modelcontextprotocol/clientCapabilities": { extensions: { "io.modelcontextprotocol/tasks": {} } },
    };
    expect(resultOf(await modern(server.path, "tools/call", act))).toMatchObject({ isError: true });
    const created = resultOf(await modern(server.path, "tools/call", act, { meta }));
    const taskId = String(created["taskId"]);
    expect(taskId).not.toBe("t1");
    const headers = { "mcp-name": taskId };
    const got = resultOf(await modern(server.path, "tasks/get", { taskId }, { meta, headers }));
    expect(got).toMatchObject({ taskId, status: "working" });
    expect(server.asked.at(-1)?.headers.get("mcp-name")).toBe("t1");
    const undeclared = await modern(server.path, "tasks/get", { taskId }, { headers });
    expect(undeclared.body["error"]).toMatchObject({ code: -32021 });
    const stranger = await modern(server.path, "tasks/get", { taskId: "t1" }, { meta, headers: { "mcp-name": "t1" } });
    expect(stranger.body["error"]).toMatchObject({ code: -32602 });
  });
});
