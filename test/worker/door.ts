/** The gateway as a client meets it: through its one door, in the workerd of the test. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { app } from "../../worker/app.ts";
import { ProxyShard } from "../../durable-objects/proxy-shard/proxy-shard.ts";

export const rootKey = "test-admin-key-0123456789abcdef";
/** Bound to loopback, the gateway goes by loopback's names. */
export const origin = "https://localhost";

export interface Ask {
  readonly method?: string;
  /** The root key when left out, none when null. */
  readonly key?: string | null;
  readonly json?: unknown;
  /** A body as it is. */
  readonly text?: string;
  readonly bytes?: Uint8Array<ArrayBuffer> | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly origin?: string;
  /** Whether others than this machine can call; the tests' gateway is bound to loopback. */
  readonly open?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  readonly body: Body;
}

/** Loose on purpose: a test says what it expects. */
export interface Body {
  readonly [member: string]: unknown;
}

export async function ask(path: string, init: Ask = {}): Promise<Answer> {
  const { method, key = rootKey, json, text, bytes, headers, origin: at, open } = init;
  const body = bytes ?? text ?? (json === undefined ? undefined : JSON.stringify(json));
  const request = new Request(`${at ?? origin}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    ...(body === undefined ? {} : { body }),
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    redirect: "manual",
  });
  const response = await (open ? fetchOpen(request) : exports.default.fetch(request));
  const answered = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text: answered,
    get body() {
      return JSON.parse(answered) as Body;
    },
  };
}

async function fetchOpen(request: Request): Promise<Response> {
  const context = createExecutionContext();
  const response = await app.fetch(request, { ...env, BIND: "public" }, context);
  await waitOnExecutionContext(context);
  return response;
}

/** Every refusal has the same shape, whatever was refused. */
export function expectProblem(answer: Answer, status: number, code: string): Body {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { body } = answer;
  expect({ status: answer.status, code: body["code"] }).toEqual({ status, code });
  expect(body).toMatchObject({ status, type: `/docs/errors/${code}`, requestId: answer.headers.get("x-request-id") });
  return body;
}

/** The paths of the faults that a 422 names. */
export function faultsIn(answer: Answer): string[] {
  const { errors } = answer.body as { errors?: { path: string }[] };
  return (errors ?? []).map(({ path }) => path);
}

export async function makeKey(fields: Readonly<Record<string, unknown>>, by: string = rootKey): Promise<Made> {
  const made = await ask("/keys", { key: by, json: { name: "test", ...fields } });
  expect(made.status, made.text).toBe(201);
  return made.body as unknown as Made;
}

const clockOfToday = Date.now;
let aheadMs = 0;

/** Leases and guesses end by the clock, so a test need not wait for it. Goes on until mocks are restored. */
export function passTime(ms: number): void {
  aheadMs += ms;
  vi.spyOn(Date, "now").mockImplementation(() => clockOfToday() + aheadMs);
}

/** Every page of a list, the first to the last. */
export async function pagesOf(path: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let cursor: unknown; ;) {
    const page = await ask(typeof cursor === "string" ? `${path}&cursor=${cursor}` : path);
    expect(page.status, page.text).toBe(200);
    pages.push(page);
    cursor = page.body["nextCursor"];
    if (cursor === undefined) return pages;
  }
}

/** From here on this shard answers nothing that it is asked about itself and its servers. */
export function silenceShard(number: number): void {
  vi.spyOn(console, "error").mockReturnValue();
  // Called with the object that they belong to.
  // oxlint-disable-next-line typescript/unbound-method
  const { status, health, tools } = ProxyShard.prototype;
  const answerAs = async (shard: ProxyShard): Promise<void> => {
    if ((await status.call(shard)).shard === number) throw new Error("out of memory");
  };
  vi.spyOn(ProxyShard.prototype, "status").mockImplementation(async function (this: ProxyShard) {
    await answerAs(this);
    return status.call(this);
  });
  vi.spyOn(ProxyShard.prototype, "health").mockImplementation(async function (this: ProxyShard, ids) {
    await answerAs(this);
    return health.call(this, ids);
  });
  vi.spyOn(ProxyShard.prototype, "tools").mockImplementation(async function (this: ProxyShard, query) {
    await answerAs(this);
    return tools.call(this, query);
  });
}

interface Made {
  readonly id: string;
  readonly key: string;
}

/** A remote MCP server of the legacy era; `tools` is the JSON text of each definition. */
export interface FakeServer {
  readonly host: string;
  tools: readonly string[];
  /** Results of `prompts/list`, `resources/list` and the like, by method, as JSON text. */
  readonly lists?: Readonly<Record<string, string>>;
  readonly instructions?: string;
  /** Answers nothing but this status. */
  failing?: number;
  seen?: Headers;
  /** Answers what it wants to by itself; undefined leaves it to the rest. */
  answer?: (request: Request, message: Message | undefined) => Response | Promise<Response> | undefined;
}

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Body;
}

let reachable: readonly FakeServer[] = [];

/** From here on `fetch` reaches these servers and nothing else. */
export function connectTo(...servers: readonly FakeServer[]): void {
  reachable = servers;
}

// For good, not as a mock: shards go on dialling in the background when a test is over.
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const server = reachable.find(({ host }) => host === new URL(request.url).host);
  await scheduler.wait(1);
  if (!server) throw new TypeError(`no fake server at ${request.url}`);
  return answerOf(server, request);
};

async function answerOf(server: FakeServer, request: Request): Promise<Response> {
  server.seen = request.headers;
  if (server.failing !== undefined) return new Response("out of order", { status: server.failing });
  const message = request.method === "POST" ? await request.clone().json<Message>() : undefined;
  const own = await server.answer?.(request, message);
  if (own) return own;
  if (!message) return new Response(null, { status: 405 });
  const { id, method = "", params } = message;
  if (id === undefined) return new Response(null, { status: 202 });
  const result = resultOf(server, method, params);
  const outcome = result === undefined ? `"error":{"code":-32601,"message":"Method not found"}` : `"result":${result}`;
  return new Response(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`, {
    headers: { "content-type": "application/json" },
  });
}

function resultOf(
  { host, tools, lists, instructions }: FakeServer,
  method: string,
  params: unknown,
): string | undefined {
  if (method === "initialize") {
    const serverInfo = { name: host, version: "1.2.3" };
    const capabilities = { tools: {}, ...(lists ? { prompts: {}, resources: { subscribe: true } } : {}) };
    return JSON.stringify({ protocolVersion: "2025-11-25", capabilities, serverInfo, instructions });
  }
  if (method === "tools/list") return `{"tools":[${tools.join(",")}]}`;
  if (method === "tools/call") return JSON.stringify({ content: [{ type: "text", text: JSON.stringify(params) }] });
  return lists?.[method];
}

export function tool(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name, description: `Does ${name}`, inputSchema: { type: "object" }, ...more });
}

/** Registers servers and waits until each has said how it is. */
export async function register(...servers: readonly { readonly id: string; readonly url: string }[]): Promise<Body[]> {
  const views: Body[] = [];
  for (const server of servers) {
    const made = await ask("/servers?wait=ready", { json: server });
    expect(made.status, made.text).toBe(201);
    views.push(made.body);
  }
  return views;
}
