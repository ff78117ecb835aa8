import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withProgressToken } from "../../../core/protocol/notifications.ts";
import { exchange, type Answer, type Bounds, type Exchange, type Link } from "../../../core/upstream/exchange.ts";
import { listenTo } from "../../../core/upstream/listen.ts";
import { negotiate, type Negotiated } from "../../../core/upstream/negotiate.ts";
import { reply } from "../../../core/upstream/reply.ts";
import type { Outcome } from "../../../core/contract/outcome.ts";
import { bounds, failed, value } from "./asking.ts";
import { hooked, responseTo, type Hooked } from "./hooked.ts";
import { startEverything, type RealServer } from "./real-servers.ts";
import { startTalkativeLegacy, startTalkativeModern } from "./talkative-servers.ts";

const able = '{"elicitation":{"form":{}},"sampling":{},"roots":{"listChanged":true}}';
const answers: Record<string, string> = {
  "elicitation/create": '{"action":"accept","content":{"name":"Ada","check":true}}',
  "sampling/createMessage": '{"role":"assistant","model":"m","content":{"type":"text","text":"hi there"}}',
  "roots/list": '{"roots":[{"uri":"file:///home/ada","name":"home"}]}',
};
const roomy = (more: Partial<Bounds> = {}) => bounds({ timeoutMs: 15_000, maxAnswerBytes: 16_777_216, ...more });
const forAll = { deadlineAt: Number.POSITIVE_INFINITY };

function meet(server: RealServer, capabilities?: string, kind?: "sse"): Promise<Outcome<Negotiated>> {
  const target = { server: "s1", replica: "r1", url: server.url, headers: {}, network: "private" as const };
  const more = {
    ...(capabilities === undefined ? {} : { clientCapabilitiesText: capabilities }),
    ...(kind ? { kind } : {}),
  };
  return negotiate({ ...target, ...more }, roomy(), {});
}

function run(connection: Link, name: string, more: Partial<Exchange> = {}, within = roomy(), args = "{}") {
  const paramsText = `{"name":${JSON.stringify(name)},"arguments":${args}}`;
  return exchange(
    { connection, server: "s1", method: "tools/call", name, paramsText, safe: false, ...more },
    within,
    {},
  );
}

async function textOf(answered: Promise<Outcome<Answer>>): Promise<string> {
  const { content } = JSON.parse(value(await answered).resultText) as { content: { text: string }[] };
  return content.map(({ text }) => text).join("\n");
}

/** A client that answers everything it is asked. */
function obliging(connection: Link): Hooked {
  return hooked((request) => {
    const text = responseTo(request, answers[request.method] ?? "{}");
    void reply(connection, "s1", text, roomy(), {}, request.replyUrl);
    return true;
  });
}

describe("a conversation with a server on SDK v1", () => {
  const held: { server?: Awaited<ReturnType<typeof startTalkativeLegacy>>; link?: Link } = {};
  beforeAll(async () => {
    held.server = await startTalkativeLegacy();
    held.link = value(await meet(held.server, able)).connection;
  }, 30_000);
  afterAll(() => held.server?.stop());
  const link = () => held.link as Link;

  it("carries its questions to the client and the answers back", async () => {
    const hooks = obliging(link());
    const ask = (tool: string) => textOf(run(link(), tool, {}, roomy({ hooks })));
    expect(await Promise.all([ask("elicit"), ask("sample"), ask("roots")])).toEqual([
      expect.stringContaining('"name":"Ada"'),
      expect.stringContaining("hi there"),
      expect.stringContaining("file:///home/ada"),
    ]);
    expect(hooks.asked.map(({ method }) => method).sort()).toEqual(Object.keys(answers).sort());
  });

  it("declines what nobody takes, and the server goes on", async () => {
    const hooks = hooked(() => false);
    const declined = value(await run(link(), "elicit", {}, roomy({ hooks })));
    expect([declined.isError, declined.resultText]).toEqual([true, expect.stringContaining("Method not found")]);
    expect(hooks.asked).toHaveLength(1);
  });

  it("brings progress under our token, and logs, in order", async () => {
    const hooks = hooked();
    const more = { progressToken: "p-42", metaText: '{"traceparent":"00-a"}' };
    const meta = await textOf(run(link(), "work", more, roomy({ hooks })));
    expect(JSON.parse(meta)).toEqual({ progressToken: "p-42", traceparent: "00-a" });
    const [first = "", log, last = ""] = hooks.heard;
    expect(JSON.parse(withProgressToken(first, "p-42", "7") ?? "")).toMatchObject({
      params: { progressToken: 7, progress: 1 },
    });
    expect(log).toContain("half way");
    expect(withProgressToken(last, "p-42", '"c"')).toContain('"progressToken":"c"');
  });

  it("ends a call that the client has left", async () => {
    const client = new AbortController();
    const works: Promise<void>[] = [];
    const hooks = hooked();
    const within = roomy({ hooks, signal: client.signal, onCancelled: (work) => void works.push(work) });
    const answered = run(link(), "wait", {}, within);
    await hooks.hears(1);
    client.abort();
    expect(failed(await answered)).toMatchObject({ code: "outcome_unknown" });
    await works[0];
    await held.server?.cancelled;
  });

  it("hears what it says by itself, also what it said while nobody listened", async () => {
    const { connection } = value(await meet(held.server as RealServer, able));
    const client = new AbortController();
    const hooks = obliging(connection);
    const listening = listenTo(connection, "s1", {}, hooks, roomy({ ...forAll, signal: client.signal }), {});
    const other = listenTo(link(), "s1", {}, obliging(link()), roomy({ ...forAll, signal: client.signal }), {});
    // Once it has asked something it is known to be listened to.
    while (hooks.asked.length === 0) {
      held.server?.ask();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    held.server?.announce();
    await hooks.hears(1, "notifications/tools/list_changed");
    held.server?.hangUp();
    held.server?.announce();
    await hooks.hears(2, "notifications/tools/list_changed");
    client.abort();
    value(await listening);
    value(await other);
    expect(hooks.heard).toHaveLength(2);
  });
});

describe("a conversation with a server on SDK v2", () => {
  const held: { server?: Awaited<ReturnType<typeof startTalkativeModern>>; link?: Link } = {};
  beforeAll(async () => {
    held.server = await startTalkativeModern();
    held.link = value(await meet(held.server)).connection;
  }, 30_000);
  afterAll(() => held.server?.stop());
  const link = () => held.link as Link;
  const client = { clientCapabilitiesText: able, takesInputRequired: true };

  it("gives its questions as an answer, and goes on when the same is asked with the responses", async () => {
    const asked = value(await run(link(), "ask", client));
    expect(asked.resultType).toBe("input_required");
    const { inputRequests, requestState } = JSON.parse(asked.resultText) as {
      inputRequests: Record<string, { method: string }>;
      requestState: string;
    };
    expect(
      Object.values(inputRequests)
        .map(({ method }) => method)
        .sort(),
    ).toEqual(Object.keys(answers).sort());
    const inputResponses = Object.entries(inputRequests).map(
      ([key, { method }]) => `"${key}":${answers[method] ?? ""}`,
    );
    const paramsText = `{"name":"ask","arguments":{},"inputResponses":{${inputResponses.join(",")}},"requestState":${JSON.stringify(requestState)}}`;
    const text = await textOf(run(link(), "ask", { ...client, paramsText }));
    expect(JSON.parse(text)).toMatchObject({
      state: "state é \u2028",
      inputResponses: { who: { action: "accept" }, where: { roots: [{ name: "home" }] }, what: { model: "m" } },
    });
  });

  it("is told what this client can do, and asks no more", async () => {
    const reason = failed(await run(link(), "ask", { ...client, clientCapabilitiesText: '{"roots":{}}' }));
    expect(reason).toMatchObject({ code: "server_error", rpcCode: -32021 });
    expect(failed(await run(link(), "ask", { clientCapabilitiesText: able }))).toMatchObject({
      code: "interaction_required",
    });
  });

  it("brings progress under our token, and logs from the level that the client wants", async () => {
    const quiet = hooked();
    await textOf(run(link(), "work", { progressToken: "p-1" }, roomy({ hooks: quiet })));
    expect(quiet.heard.map((text) => withProgressToken(text, "p-1", "7") !== undefined)).toEqual([true]);
    const chatty = hooked();
    const more = { progressToken: "p-2", logLevel: "debug", metaText: '{"traceparent":"00-a"}' };
    expect(await textOf(run(link(), "work", more, roomy({ hooks: chatty })))).toContain('"traceparent":"00-a"');
    expect(chatty.heard).toHaveLength(2);
    expect(chatty.heard[1]).toContain("half way");
  });

  it("ends a call that the client has left", async () => {
    const gone = new AbortController();
    const hooks = hooked();
    const answered = run(link(), "wait", { logLevel: "debug" }, roomy({ hooks, signal: gone.signal }));
    await hooks.hears(1);
    gone.abort();
    expect(failed(await answered)).toMatchObject({ code: "outcome_unknown" });
    await held.server?.cancelled;
  });

  it("hears of what was subscribed to, and of nothing else", async () => {
    const gone = new AbortController();
    const hooks = hooked();
    const filter = { toolsListChanged: true, resourceSubscriptions: ["file:///a"] };
    const listening = listenTo(link(), "s1", filter, hooks, roomy({ ...forAll, signal: gone.signal }), {});
    await hooks.hears(1, "notifications/subscriptions/acknowledged");
    held.server?.notify.promptsChanged();
    held.server?.notify.resourceUpdated("file:///b");
    held.server?.notify.resourceUpdated("file:///a");
    held.server?.notify.toolsChanged();
    await hooks.hears(3);
    expect(hooks.heard.map((text) => (JSON.parse(text) as { method: string }).method)).toEqual([
      "notifications/subscriptions/acknowledged",
      "notifications/resources/updated",
      "notifications/tools/list_changed",
    ]);
    gone.abort();
    value(await listening);
  });
});

describe.each([
  ["Streamable HTTP", "streamableHttp"],
  ["HTTP+SSE", "sse"],
] as const)("a conversation with the reference server over %s", (_, transport) => {
  const held: { server?: RealServer; link?: Link } = {};
  beforeAll(async () => {
    held.server = await startEverything(transport);
    held.link = value(await meet(held.server, able)).connection;
  }, 30_000);
  afterAll(() => held.server?.stop());
  const link = () => held.link as Link;
  const client = { clientCapabilitiesText: able };

  it("carries its questions to the client and the answers back", async () => {
    const within = () => roomy({ hooks: obliging(link()) });
    expect(await textOf(run(link(), "trigger-elicitation-request", client, within()))).toContain("Ada");
    const sampled = textOf(run(link(), "trigger-sampling-request", client, within(), '{"prompt":"p","maxTokens":5}'));
    expect(await sampled).toContain("hi there");
  });

  it("brings progress while a long operation runs", async () => {
    const hooks = hooked();
    const within = roomy({ hooks });
    const args = '{"duration":0.2,"steps":4}';
    value(await run(link(), "trigger-long-running-operation", { ...client, progressToken: "p-9" }, within, args));
    const progress = hooks.heard.flatMap((text) => withProgressToken(text, "p-9", "1") ?? []);
    expect(progress.map((text) => (JSON.parse(text) as { params: object }).params)).toEqual(
      [1, 2, 3, 4].map((step) => ({ progressToken: 1, progress: step, total: 4 })),
    );
  });
});
