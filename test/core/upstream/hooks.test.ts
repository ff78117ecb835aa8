import { describe, expect, it } from "vitest";
import { bounds, call, failed, legacyLink, modernLink, value } from "./asking.ts";
import { hooked } from "./hooked.ts";
import { answer, event, eventStream, resultFor, serve, type Heard } from "./scripted-server.ts";

const ping = '{"jsonrpc":"2.0","id":77,"method":"ping"}';
const elicitation = '{"jsonrpc":"2.0", "id":9007199254740993,"method":"elicitation/create","params":{"n":1.0}}';
const log = '{"method":"notifications/message","params":{"data":"\\u00e9","n":1e400},"jsonrpc":"2.0"}';
const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}';
const listChanged = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';

/** Streams these events to a call; the replies that it gets meanwhile come out of `replies`. */
async function streaming(...events: readonly string[]) {
  const replies: Heard[] = [];
  const server = await serve(async (heard, response) => {
    if (heard.rpc.method === undefined) {
      replies.push(heard);
      return void response.writeHead(202).end();
    }
    response.writeHead(200, eventStream);
    for (const one of events) response.write(event(one));
    // A reply comes on another connection: let it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return void response.end(event(resultFor(heard)));
  });
  return { url: server.url, heard: server.heard, replies };
}

describe("hooks on a call", () => {
  it("are told every notification, raw and in order", async () => {
    const server = await streaming(log, progress, listChanged, log);
    const hooks = hooked();
    expect(value(await call(legacyLink(server.url), {}, bounds({ hooks }))).listChanged).toBe(true);
    expect(hooks.heard).toEqual([log, progress, listChanged, log]);
    await hooks.hears(1, "notifications/progress");
  });

  it("may take a server's request: then nobody here answers it, and the call goes on", async () => {
    const server = await streaming(elicitation, ping);
    const hooks = hooked((request) => request.method !== "ping");
    value(await call(legacyLink(server.url), {}, bounds({ hooks })));
    expect(hooks.asked).toEqual([
      { method: "elicitation/create", idText: "9007199254740993", text: elicitation },
      { method: "ping", idText: "77", text: ping },
    ]);
    expect(server.replies.map(({ rpc }) => rpc)).toEqual([{ jsonrpc: "2.0", id: 77, result: {} }]);
  });

  it("are told notifications of modern servers too, which have no requests to make", async () => {
    const server = await streaming(log, elicitation);
    const hooks = hooked();
    value(await call(modernLink(server.url), {}, bounds({ hooks })));
    expect([hooks.heard, hooks.asked]).toEqual([[log], []]);
    expect(server.replies).toHaveLength(1);
  });

  it("are not asked without end", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, eventStream).write(event(elicitation).repeat(500));
    });
    const hooks = hooked();
    expect(failed(await call(legacyLink(server.url), {}, bounds({ hooks })))).toMatchObject({ code: "answer_invalid" });
    expect(hooks.asked.length).toBeLessThan(100);
  });
});

describe("what an exchange carries for a client", () => {
  const client = {
    clientCapabilitiesText: '{"elicitation":{}}',
    logLevel: "debug",
    progressToken: "p-1",
    metaText: '{"traceparent":"00-a","progressToken":7}',
  };

  it("goes into a modern request's envelope", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    value(await call(modernLink(server.url), client));
    expect(server.heard[0]?.rpc.params).toMatchObject({
      _meta: {
        "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
        "io.modelcontextprotocol/logLevel": "debug",
        progressToken: "p-1",
        traceparent: "00-a",
      },
    });
  });

  it("is, toward a legacy server, our progress token and what travels on", async () => {
    const server = await serve((heard, response) => answer(response, resultFor(heard)));
    value(await call(legacyLink(server.url), client));
    value(await call(legacyLink(server.url), { clientCapabilitiesText: "{}", logLevel: "debug" }));
    expect(server.heard.map(({ rpc }) => rpc.params)).toEqual([
      { name: "t", arguments: {}, _meta: { traceparent: "00-a", progressToken: "p-1" } },
      { name: "t", arguments: {} },
    ]);
  });
});

describe("a result that is not complete", () => {
  const asking =
    '{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}},"requestState":"\\u0041"}';
  const task = '{"resultType":"task","taskId":"1"}';
  const resultOf = async (result: string, more: object, link = modernLink) =>
    call(link((await serve((heard, response) => answer(response, resultFor(heard, result)))).url), more);

  it("is an answer to who can carry it, byte for byte", async () => {
    const takes = { takesInputRequired: true };
    expect(value(await resultOf(asking, takes))).toMatchObject({ resultText: asking, resultType: "input_required" });
    expect(value(await resultOf(task, takes))).toMatchObject({ resultText: task, resultType: "task" });
    expect(value(await resultOf("{}", takes))).toMatchObject({ resultType: "complete" });
    expect(failed(await resultOf('{"resultType":7}', takes))).toMatchObject({ code: "answer_invalid" });
  });

  it("is a failure to all others", async () => {
    expect(failed(await resultOf(asking, {}))).toMatchObject({ code: "interaction_required", asked: "roots/list" });
    expect(failed(await resultOf(task, {}))).toMatchObject({ code: "answer_invalid" });
    expect(value(await resultOf("{}", {}))).toMatchObject({ resultType: "complete" });
  });

  it("is nothing that a legacy server could give", async () => {
    expect(value(await resultOf(asking, {}, legacyLink))).toMatchObject({ resultText: asking, resultType: "complete" });
  });
});
