/** MCP over HTTP exchanges with a server behind a connector, as the gateway has them. */
import { expect } from "vitest";
import type { Ended, FakeGateway } from "./fake-gateway.ts";

type Headers = Record<string, string>;
type Answered = Extract<Ended, { is: "answered" }>;

let count = 0;

export function request(method: string, params: object = {}, id = `p-${(count += 1)}`): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

export function call(name: string, args: object = {}, more: object = {}): string {
  return request("tools/call", { name, arguments: args, ...more });
}

export interface Exchanges {
  readonly post: (server: string, body: string, headers?: Headers) => Promise<Ended>;
  /** Throws when there is no answer. */
  readonly answerTo: (server: string, body: string, headers?: Headers) => Promise<Answered>;
  /** The headers of a new session. */
  readonly greet: (server: string, capabilities?: object) => Promise<Headers>;
  /** The text that a tool answered with. */
  readonly textOf: (server: string, session: Headers, body: string) => Promise<string>;
}

export function exchangesWith(gateway: FakeGateway): Exchanges {
  const post = (server: string, body: string, headers: Headers = {}): Promise<Ended> =>
    gateway.socket().open(server, "POST", { body, headers }).ended;
  const answerTo = async (server: string, body: string, headers: Headers = {}): Promise<Answered> => {
    const ended = await post(server, body, headers);
    if (ended.is !== "answered") throw new Error(JSON.stringify(ended));
    return ended;
  };
  return {
    post,
    answerTo,
    async greet(server, capabilities = {}) {
      const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "t", version: "1" } };
      const { status, headers, text } = await answerTo(server, request("initialize", params));
      expect([status, JSON.parse(text)]).toMatchObject([200, { result: { serverInfo: { name: "toy" } } }]);
      return { "mcp-session-id": headers["mcp-session-id"] ?? "" };
    },
    async textOf(server, session, body) {
      const { text } = await answerTo(server, body, session);
      return (JSON.parse(text) as { result: { content: readonly { text: string }[] } }).result.content[0]?.text ?? "";
    },
  };
}
