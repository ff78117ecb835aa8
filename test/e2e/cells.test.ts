/** The four cells: official clients of both eras, through the real gateway, at real servers of both eras. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFixture, type Fixture } from "../conformance/fixture/start-fixture.ts";
import { cleanUp, startGateway, until, type TestGateway } from "../support/gateway.ts";
import { connect, type Behind, type ClientEra, type Fields, type McpClient } from "../support/mcp-clients.ts";
import { register } from "../support/register.ts";
import { watched } from "./watched-offer.ts";

const eras = ["legacy", "modern"] as const;
const servers = { legacy: watched(), modern: watched() };

let gateway: TestGateway;
const fixtures: Fixture[] = [];
const open: McpClient[] = [];

beforeAll(async () => {
  gateway = await startGateway({ shards: 2 });
  for (const era of eras) {
    const fixture = await startFixture(era, servers[era].offer);
    fixtures.push(fixture);
    await register(gateway, era, fixture.url);
    await register(gateway, `hasty-${era}`, fixture.url, { timeoutMs: 1_500 });
  }
});

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await gateway.stop();
  await Promise.all(fixtures.map((fixture) => fixture.close()));
  await cleanUp();
});

async function client(era: ClientEra, path: string, behind?: Behind): Promise<McpClient> {
  const connected = await connect(era, `${gateway.url}${path}`, gateway.key, behind);
  open.push(connected);
  return connected;
}

function textOf(result: Fields): string {
  return JSON.stringify(result["content"] ?? result);
}

/** Tools that ask, with what they say when all is answered. */
const asking: readonly (readonly [tool: string, args: Fields, said: string])[] = [
  ["test_elicitation", { message: "Who?" }, "action=accept"],
  ["test_sampling", { prompt: "What?" }, "LLM response: Paris"],
  ["test_input_required_result_list_roots", {}, "file:///home"],
  ["test_input_required_result_request_state", {}, "state-ok"],
  ["test_input_required_result_multiple_inputs", {}, "Got user_name, greeting, client_roots"],
  ["test_input_required_result_multi_round", {}, "Ada likes blue"],
];

const cells = eras.flatMap((of) => eras.map((at) => [of, at] as const));

describe.each(cells)("a %s client at a %s server", (of, at) => {
  const path = `/mcp/servers/${at}`;
  const { held, cancelled } = servers[at];

  it.each(asking)("answers what %s asks", async (tool, args, said) => {
    const { call } = await client(of, path);
    expect(textOf(await call(tool, args))).toContain(said);
  });

  it("is asked in the course of a prompt, too", async () => {
    const { prompt } = await client(of, path);
    expect(JSON.stringify(await prompt("test_input_required_result_prompt"))).toContain("Use this context: tea");
  });

  it("may take more time to answer than the server is given for all else", async () => {
    const form = async (): Promise<Fields> => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return { name: "Ada" };
    };
    const { call } = await client(of, `/mcp/servers/hasty-${at}`, { form });
    expect(textOf(await call("test_input_required_result_elicitation"))).toContain("Hello, Ada!");
    const late = await call("slow_compute", { seconds: 10 });
    expect(late["isError"], "but the server itself may not").toBe(true);
    expect(textOf(late)).toContain("server_timeout");
  });

  it("is asked only what it said it can answer", async () => {
    const { call } = await client(of, path, { capabilities: { sampling: {} } });
    expect(textOf(await call("test_input_required_result_capabilities"))).toBe(
      '[{"type":"text","text":"Got greeting"}]',
    );
    const silent = await client(of, path, { capabilities: {} });
    expect(textOf(await silent.call("test_input_required_result_capabilities"))).toContain("can answer nothing");
  });

  it("hears of the progress of its own calls", async () => {
    const { call } = await client(of, path);
    const heard: number[][] = [[], []];
    await Promise.all(
      heard.map((steps) => call("test_tool_with_progress", {}, { onProgress: (step) => void steps.push(step) })),
    );
    // A server that has the answer need not have told every step first, but never another's.
    for (const steps of heard) expect(steps).toEqual([0, 50, 100]);
  });

  it("hears of progress while the call is still under way", async () => {
    const { call } = await client(of, path);
    const name = `${of} slow`;
    const heard: number[] = [];
    const leaving = new AbortController();
    const onProgress = (step: number): void => void heard.push(step);
    const left = call("hold", { name }, { onProgress, signal: leaving.signal }).catch((reason: unknown) => reason);
    await until(() => heard.length > 0);
    expect(held.has(name)).toBe(true);
    leaving.abort();
    await until(() => cancelled.includes(name));
    await left;
  });

  it("cancels the call it means, and no other", async () => {
    const { call } = await client(of, path);
    const [one, other] = [`${of} one`, `${of} other`];
    const leaving = new AbortController();
    const staying = new AbortController();
    const left = call("hold", { name: one }, { signal: leaving.signal }).catch((reason: unknown) => reason);
    const stayed = call("hold", { name: other }, { signal: staying.signal }).catch((reason: unknown) => reason);
    await until(() => held.has(one) && held.has(other));
    leaving.abort();
    await until(() => cancelled.includes(one));
    expect(held.has(other)).toBe(true);
    staying.abort();
    await until(() => cancelled.includes(other));
    await Promise.all([left, stayed]);
  });

  it("reads resources, by list and by template", async () => {
    const { read } = await client(of, path);
    expect(JSON.stringify(await read("test://static-text"))).toContain("content of the static text");
    expect(JSON.stringify(await read("test://template/7/data"))).toContain("Data for ID: 7");
    await expect(read("test://nothing")).rejects.toMatchObject({ code: of === "legacy" ? -32002 : -32602 });
  });
});

describe("a person who will not answer", () => {
  it.each(eras)("ends the call of a legacy client at a %s server, and the tool says so", async (at) => {
    const form = (): never => {
      throw new Error("not now");
    };
    const { call } = await client("legacy", `/mcp/servers/${at}`, { form });
    const result = await call("test_elicitation", { message: "Who?" });
    expect(result["isError"]).toBe(true);
  });
});
