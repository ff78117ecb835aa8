/** Ways for a client to reach a server: through the gateway's two doors, or straight, which is how the drives are tried. */
import { Client, StreamableHTTPClientTransport, type ElicitResult } from "@modelcontextprotocol/client";
import { callHttp } from "../support/call-http.ts";
import { fieldsOf } from "./fixture/questions.ts";
import type { Era, Fields } from "./fixture/offer.ts";

export interface Gateway {
  readonly url: string;
  readonly key: string;
}

export interface Manner {
  /** `legacy` keeps the official client from dropping tools itself, where it is the gateway that should. */
  readonly era?: Era;
  readonly onElicit?: () => Promise<ElicitResult>;
}

export interface Door {
  readonly name: "direct" | "mcp" | "rest";
  /** Of this server, with their own names. */
  tools(): Promise<readonly Fields[]>;
  /** The tool's result; a failure throws. */
  call(tool: string, args?: Fields): Promise<Fields>;
  /** For all that is no tool; absent at the REST door. */
  readonly client?: Client;
  close(): Promise<void>;
}

export async function openMcp(url: string, manner: Manner, key?: string): Promise<Door> {
  const client = new Client(
    { name: "conformance-drive", version: "1.0.0" },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode: manner.era === "legacy" ? "legacy" : "auto" },
    },
  );
  client.setRequestHandler(
    "elicitation/create",
    async () => (await manner.onElicit?.()) ?? { action: "accept", content: {} },
  );
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return {
    name: key === undefined ? "direct" : "mcp",
    client,
    tools: async () => (await client.listTools()).tools,
    call: (name, args = {}) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
}

export function openRest(gateway: Gateway, server: string): Door {
  const ask = async (path: string, body?: unknown): Promise<Fields> => {
    const { status, body: answer } = await callHttp(new URL(path, gateway.url).href, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${gateway.key}` },
      body,
    });
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
    return fieldsOf(answer);
  };
  return {
    name: "rest",
    async tools() {
      const { tools } = await ask(`/tools?server=${server}&limit=100`);
      const prefix = `${server}__`;
      return (tools as readonly Fields[]).map((tool) => ({ ...tool, name: String(tool["name"]).slice(prefix.length) }));
    },
    call: async (tool, args = {}) => fieldsOf((await ask("/call", { server, tool, arguments: args }))["result"]),
    close: () => Promise.resolve(),
  };
}

/** Registers a server for as long as `use` runs. */
export async function registered<T>(gateway: Gateway, id: string, url: string, use: () => Promise<T>): Promise<T> {
  const headers = { Authorization: `Bearer ${gateway.key}` };
  const made = await callHttp(new URL("/servers?wait=ready", gateway.url).href, {
    method: "POST",
    headers,
    body: { id, url },
  });
  if (made.status >= 300) throw new Error(`the gateway would not register ${url}: ${made.status} ${made.text}`);
  const { state, reason } = fieldsOf(made.body);
  if (state !== "ready") console.error(`the gateway finds ${url} ${String(state)}: ${String(reason)}`);
  try {
    return await use();
  } finally {
    await callHttp(new URL(`/servers/${id}`, gateway.url).href, { method: "DELETE", headers });
  }
}
