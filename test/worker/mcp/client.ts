/** MCP clients of both eras, one HTTP request at a time, at the gateway's own door in the workerd of the test. */
import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { ask, origin, rootKey, type Answer, type Body } from "../door.ts";

export const modernVersion = "2026-07-28";

export interface Post {
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly id?: unknown;
  /** Modern: put into `_meta` beside what always stands there; null leaves a member out. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

const prefix = "io.modelcontextprotocol/";

/** A modern request, complete unless told otherwise. */
export function modern(path: string, method: string, params: Body = {}, post: Post = {}): Promise<Answer> {
  return ask(path, askFor(...modernRequest(method, params, post), post));
}

function modernRequest(method: string, params: Body, post: Post): [Body, Record<string, string | null>] {
  const meta = {
    [`${prefix}protocolVersion`]: modernVersion,
    [`${prefix}clientCapabilities`]: {},
    [`${prefix}clientInfo`]: { name: "test", version: "1" },
    ...post.meta,
  };
  const kept = Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== null));
  const name = params["name"] ?? params["uri"];
  const isNamed = ["tools/call", "prompts/get", "resources/read"].includes(method);
  const headers = {
    "mcp-protocol-version": modernVersion,
    "mcp-method": method,
    ...(isNamed ? { "mcp-name": String(name) } : {}),
  };
  const id = "id" in post ? post.id : 1;
  return [{ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), method, params: { ...params, _meta: kept } }, headers];
}

export function legacy(path: string, method: string, params?: Body, post: Post = {}): Promise<Answer> {
  return ask(path, askFor(...legacyRequest(method, params, post), post));
}

function legacyRequest(method: string, params: Body | undefined, post: Post): [Body, Record<string, string | null>] {
  const id = "id" in post ? post.id : 1;
  return [{ jsonrpc: "2.0", ...(id === undefined ? {} : { id }), method, ...(params ? { params } : {}) }, {}];
}

function askFor(json: Body, headers: Record<string, string | null>, { key, headers: more }: Post) {
  const all = { accept: "application/json, text/event-stream", ...headers, ...more };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  return { json, headers: Object.fromEntries(given), ...(key === undefined ? {} : { key }) };
}

/** Opens a session; its id, to be sent with all that follows. */
export async function openSession(path: string, post: Post & { readonly version?: string } = {}): Promise<string> {
  const opened = await legacy(
    path,
    "initialize",
    { protocolVersion: post.version ?? "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
    post,
  );
  expect(opened.status, opened.text).toBe(200);
  return opened.headers.get("mcp-session-id") ?? "";
}

/** The result of a JSON-RPC answer. */
export function resultOf(answer: Answer): Body {
  expect(answer.body["error"], answer.text).toBeUndefined();
  return answer.body["result"] as Body;
}

export interface RpcFault {
  readonly code: number;
  readonly message: string;
  readonly data?: Body;
}

export function expectFault(answer: Answer, status: number, code: number): RpcFault {
  expect(answer.headers.get("content-type"), answer.text).toBe("application/json");
  const { jsonrpc, error } = answer.body as { jsonrpc?: string; error?: RpcFault };
  expect({ jsonrpc, status: answer.status, code: error?.code }, answer.text).toEqual({ jsonrpc: "2.0", status, code });
  return error as RpcFault;
}

export interface Event {
  readonly id?: string;
  readonly retry?: string;
  readonly data: string;
}

/** An open stream of events, read one by one. */
export class Stream {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #held = "";

  constructor(response: Response) {
    this.response = response;
    this.#reader = (response.body ?? new ReadableStream()).getReader();
  }

  /** The next event, comments passed over; undefined at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const end = this.#held.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#held += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const lines = this.#held.slice(0, end).split("\n");
      this.#held = this.#held.slice(end + 2);
      const field = (name: string): string[] =>
        lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
      const [id] = field("id");
      const [retry] = field("retry");
      if (lines.every((line) => line.startsWith(":"))) continue;
      return {
        ...(id === undefined ? {} : { id }),
        ...(retry === undefined ? {} : { retry }),
        data: field("data").join("\n"),
      };
    }
  }

  async message(): Promise<Body | undefined> {
    for (let event = await this.next(); event; event = await this.next()) {
      if (event.data !== "") return JSON.parse(event.data) as Body;
    }
    return undefined;
  }

  /** All of it, for an answer that is no stream of events. */
  async text(): Promise<string> {
    let text = this.#held;
    for (let step = await this.#reader.read(); !step.done; step = await this.#reader.read()) {
      text += this.#decoder.decode(step.value, { stream: true });
    }
    return text;
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

export async function listen(
  path: string,
  session: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Stream> {
  const request = new Request(`${origin}${path}`, {
    headers: { authorization: `Bearer ${rootKey}`, accept: "text/event-stream", "mcp-session-id": session, ...headers },
  });
  return new Stream(await exports.default.fetch(request));
}

/** A request whose answer is read as it comes. */
export async function stream(
  path: string,
  era: "legacy" | "modern",
  method: string,
  params: Body,
  post: Post = {},
): Promise<Stream> {
  const parts = era === "modern" ? modernRequest(method, params, post) : legacyRequest(method, params, post);
  const { json, headers } = askFor(...parts, post);
  const request = new Request(`${origin}${path}`, {
    method: "POST",
    body: JSON.stringify(json),
    headers: { authorization: `Bearer ${post.key ?? rootKey}`, "content-type": "application/json", ...headers },
  });
  return new Stream(await exports.default.fetch(request));
}
