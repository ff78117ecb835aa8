/** The official client of each era, with a person, a model and roots behind it; used alike. */
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

export type Fields = Readonly<Record<string, unknown>>;
export type ClientEra = "legacy" | "modern";

export interface Behind {
  readonly capabilities?: Fields;
  /** What the person fills in; throws to refuse. */
  readonly form?: (message: string) => Fields | Promise<Fields>;
}

export interface CallOptions {
  readonly onProgress?: (progress: number) => void;
  readonly signal?: AbortSignal;
}

export interface McpClient {
  /** Messages that the person was shown. */
  readonly shown: readonly string[];
  readonly call: (tool: string, args?: Fields, options?: CallOptions) => Promise<Fields>;
  readonly prompt: (name: string, args?: Readonly<Record<string, string>>) => Promise<Fields>;
  readonly read: (uri: string) => Promise<Fields>;
  readonly tools: () => Promise<string[]>;
  readonly close: () => Promise<void>;
}

const everything: Fields = { elicitation: {}, sampling: {}, roots: {} };
const filledIn: Fields = { name: "Ada", color: "blue", ok: true, confirm: true, context: "tea" };
const spoken = { role: "assistant" as const, content: { type: "text" as const, text: "Paris" }, model: "none" };
const roots = { roots: [{ uri: "file:///home", name: "Home" }] };

type Answer = { action: "accept"; content: Record<string, string | number | boolean> };

export async function connect(era: ClientEra, url: string, key: string, behind: Behind = {}): Promise<McpClient> {
  const { capabilities = everything, form = () => filledIn } = behind;
  const shown: string[] = [];
  const fillIn = async (params: unknown): Promise<Answer> => {
    const { message } = params as { message: string };
    shown.push(message);
    return { action: "accept", content: (await form(message)) as Answer["content"] };
  };
  const options = { requestInit: { headers: { Authorization: `Bearer ${key}` } } };
  const client = era === "legacy" ? legacyClient(capabilities, fillIn) : modernClient(capabilities, fillIn);
  if (client instanceof LegacyClient) await client.connect(new LegacyTransport(new URL(url), options));
  else await client.connect(new ModernTransport(new URL(url), options));
  return {
    shown,
    async call(name, args = {}, { onProgress, signal } = {}) {
      const more = {
        timeout: 60_000,
        ...(signal && { signal }),
        ...(onProgress && { onprogress: ({ progress }: { progress: number }) => onProgress(progress) }),
      };
      const params = { name, arguments: { ...args } };
      return client instanceof LegacyClient ? client.callTool(params, undefined, more) : client.callTool(params, more);
    },
    prompt: (name, args = {}) => client.getPrompt({ name, arguments: { ...args } }),
    read: (uri) => client.readResource({ uri }),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    close: () => client.close(),
  };
}

function legacyClient(capabilities: Fields, fillIn: (params: unknown) => Promise<Answer>): LegacyClient {
  const client = new LegacyClient({ name: "legacy-test", version: "1" }, { capabilities });
  if ("elicitation" in capabilities) client.setRequestHandler(ElicitRequestSchema, ({ params }) => fillIn(params));
  if ("sampling" in capabilities) client.setRequestHandler(CreateMessageRequestSchema, () => spoken);
  if ("roots" in capabilities) client.setRequestHandler(ListRootsRequestSchema, () => roots);
  return client;
}

function modernClient(capabilities: Fields, fillIn: (params: unknown) => Promise<Answer>): ModernClient {
  const client = new ModernClient(
    { name: "modern-test", version: "1" },
    { capabilities, versionNegotiation: { mode: "auto" } },
  );
  if ("elicitation" in capabilities) client.setRequestHandler("elicitation/create", ({ params }) => fillIn(params));
  if ("sampling" in capabilities) client.setRequestHandler("sampling/createMessage", () => spoken);
  if ("roots" in capabilities) client.setRequestHandler("roots/list", () => roots);
  return client;
}
