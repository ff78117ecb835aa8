/** Servers on the official packages whose tools ask back, report, and wait to be cancelled. */
import { randomUUID } from "node:crypto";
import { McpServer as LegacyMcpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  isInitializeRequest,
  ListRootsResultSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { createMcpHandler, inputRequired, McpServer, type McpHttpHandler } from "@modelcontextprotocol/server";
import { z } from "zod";
import { EventLog } from "../../conformance/fixture/event-log.ts";
import { listen } from "../../conformance/fixture/web-http.ts";
import type { RealServer } from "./real-servers.ts";

const question = {
  message: "Your name?",
  requestedSchema: { type: "object", properties: { name: { type: "string" } } },
} as const;
const prompt = { messages: [{ role: "user", content: { type: "text", text: "Say hi" } }], maxTokens: 5 } as const;

function text(value: unknown) {
  return { content: [{ type: "text" as const, text: typeof value === "string" ? value : JSON.stringify(value) }] };
}

/** Resolves when the server notices that the client has left the call. */
export interface Talkative extends RealServer {
  readonly cancelled: Promise<void>;
}

export interface TalkativeLegacy extends Talkative {
  /** Speaks up in every session, outside of any call. */
  announce(): void;
  /** Hangs up on whoever listens. */
  hangUp(): void;
  /** Asks in every session, outside of any call. */
  ask(): void;
}

function legacyTools(onCancelled: () => void): LegacyMcpServer {
  const server = new LegacyMcpServer(
    { name: "talkative", version: "1.0.0" },
    { capabilities: { logging: {}, tools: {} } },
  );
  server.registerTool("elicit", {}, async (extra) =>
    text(
      await extra.sendRequest(
        { method: "elicitation/create", params: { mode: "form", ...question } },
        ElicitResultSchema,
      ),
    ),
  );
  server.registerTool("sample", {}, async (extra) =>
    text(
      await extra.sendRequest(
        { method: "sampling/createMessage", params: { ...prompt, messages: [...prompt.messages] } },
        CreateMessageResultSchema,
      ),
    ),
  );
  server.registerTool("roots", {}, async (extra) =>
    text(await extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema)),
  );
  server.registerTool("work", {}, async (extra) => {
    const progressToken = extra._meta?.progressToken ?? "none";
    await extra.sendNotification({
      method: "notifications/progress",
      params: { progressToken, progress: 1, total: 2 },
    });
    await extra.sendNotification({ method: "notifications/message", params: { level: "info", data: "half way" } });
    await extra.sendNotification({
      method: "notifications/progress",
      params: { progressToken, progress: 2, total: 2 },
    });
    return text(extra._meta ?? {});
  });
  server.registerTool("wait", {}, async (extra) => {
    await extra.sendNotification({ method: "notifications/message", params: { level: "info", data: "waiting" } });
    await new Promise<void>((resolve) => extra.signal.addEventListener("abort", () => resolve()));
    onCancelled();
    return text("too late");
  });
  return server;
}

/** SDK v1: a session per client, resumable streams. */
export async function startTalkativeLegacy(): Promise<TalkativeLegacy> {
  const cancelled = Promise.withResolvers<void>();
  const sessions = new Map<string, { server: LegacyMcpServer; transport: WebStandardStreamableHTTPServerTransport }>();
  const open = async () => {
    const server = legacyTools(cancelled.resolve);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new EventLog(),
      retryInterval: 100,
      onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
    });
    await server.connect(transport);
    return transport;
  };
  const listening = await listen(async (request) => {
    const body: unknown = request.method === "POST" ? await request.clone().json() : undefined;
    const known = sessions.get(request.headers.get("mcp-session-id") ?? "");
    if (known) return known.transport.handleRequest(request);
    return isInitializeRequest(body) ? (await open()).handleRequest(request) : new Response(null, { status: 404 });
  });
  const all = () => [...sessions.values()];
  return {
    url: `${listening.origin}/mcp`,
    cancelled: cancelled.promise,
    announce: () => all().forEach(({ server }) => server.sendToolListChanged()),
    hangUp: () => all().forEach(({ transport }) => transport.closeStandaloneSSEStream()),
    ask: () => all().forEach(({ server }) => void server.server.listRoots().catch(() => undefined)),
    stop: async () => {
      await Promise.all(all().map(({ server }) => server.close()));
      await listening.close();
    },
  };
}

export interface TalkativeModern extends Talkative {
  readonly notify: McpHttpHandler["notify"];
}

/** SDK v2, modern only. */
export async function startTalkativeModern(): Promise<TalkativeModern> {
  const cancelled = Promise.withResolvers<void>();
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: "talkative", version: "2.0.0" },
        { capabilities: { logging: {}, resources: { subscribe: true } } },
      );
      server.registerResource("a", "file:///a", {}, async () => ({ contents: [] }));
      server.registerTool("ask", { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
        const { inputResponses } = mcpReq;
        if (inputResponses) return text({ inputResponses, state: mcpReq.requestState() });
        return inputRequired({
          inputRequests: {
            who: inputRequired.elicit({ mode: "form", ...question }),
            where: inputRequired.listRoots(),
            what: inputRequired.createMessage({ ...prompt, messages: [...prompt.messages] }),
          },
          requestState: "state é \u2028",
        });
      });
      server.registerTool("work", { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
        const progressToken = mcpReq._meta?.progressToken ?? "none";
        await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: 1, total: 2 } });
        await mcpReq.log("info", "half way");
        return text(mcpReq._meta ?? {});
      });
      server.registerTool("wait", { inputSchema: z.object({}) }, async (_, { mcpReq }) => {
        await mcpReq.log("info", "waiting");
        await new Promise<void>((resolve) => mcpReq.signal.addEventListener("abort", () => resolve()));
        cancelled.resolve();
        return text("too late");
      });
      return server;
    },
    { legacy: "reject" },
  );
  const listening = await listen((request) => handler.fetch(request));
  return {
    url: `${listening.origin}/mcp`,
    cancelled: cancelled.promise,
    notify: handler.notify,
    stop: async () => {
      await handler.close();
      await listening.close();
    },
  };
}
