/** MCP messages as they are, without an SDK between: for what no well-behaved client would send. */
export type Message = Readonly<Record<string, unknown>>;

export interface Raw {
  readonly status: number;
  /** Every message of the answer, JSON document or stream. */
  readonly messages: readonly Message[];
  /** The last of them. */
  readonly last: Message;
  readonly text: string;
  readonly headers: Headers;
}

export interface Door {
  /** With the path. */
  readonly url: string;
  readonly key: string;
}

const prefix = "io.modelcontextprotocol/";
const interactive = { elicitation: {}, sampling: {}, roots: {} };

export async function askModern(
  door: Door,
  method: string,
  params: Message,
  capabilities: Message = interactive,
): Promise<Raw> {
  const name = [params["name"], params["uri"], params["taskId"]].find((one) => typeof one === "string");
  const _meta = { [`${prefix}protocolVersion`]: "2026-07-28", [`${prefix}clientCapabilities`]: capabilities };
  const headers = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(name === undefined ? {} : { "mcp-name": name }),
  };
  return read(await post(door, { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }, headers));
}

export function callModern(door: Door, name: string, more: Message = {}): Promise<Raw> {
  return askModern(door, "tools/call", { name, arguments: {}, ...more });
}

export async function openSession(door: Door, capabilities: Message = interactive): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "raw", version: "1" } };
  const opened = await post(door, { jsonrpc: "2.0", id: "init", method: "initialize", params });
  await opened.text();
  return opened.headers.get("mcp-session-id") ?? "";
}

export function post(
  door: Door,
  message: Message,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(door.url, {
    ...(signal && { signal }),
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${door.key}`,
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

export async function read(response: Response): Promise<Raw> {
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.includes("event-stream") === true;
  const documents = isStream ? [...text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) => data) : [text];
  const messages = documents.filter((one) => one !== "").map((one) => JSON.parse(one) as Message);
  return { status: response.status, messages, last: messages.at(-1) ?? {}, text, headers: response.headers };
}

/** Reads messages off an open stream one by one. */
export async function* messagesOf(response: Response): AsyncGenerator<Message> {
  let held = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    held += decoder.decode(bytes as Uint8Array, { stream: true });
    for (let end = held.indexOf("\n\n"); end >= 0; end = held.indexOf("\n\n")) {
      const data = /^data: (.+)$/m.exec(held.slice(0, end))?.[1];
      held = held.slice(end + 2);
      if (data !== undefined) yield JSON.parse(data) as Message;
    }
  }
}
