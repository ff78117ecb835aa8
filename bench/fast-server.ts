/**
 * A fake MCP server that is as fast as Node allows: raw sockets, one precomputed answer. It speaks just enough (JSON
 * answers, no session) to be registered, listed and called: legacy at one path, modern at another.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

const tools = [{ name: "echo", description: "Gives back a line.", inputSchema: { type: "object" } }];
const content = [{ type: "text", text: "The quick brown fox jumps over the lazy dog." }];
const capabilities = { tools: {} };
const serverInfo = { name: "fast", version: "1" };
const cacheable = { ttlMs: 60_000, cacheScope: "public" };

/** Results by method, as JSON text. */
type Results = Readonly<Record<string, string>>;

const newestLegacy = "2025-11-25";
const legacy: Results = {
  "tools/call": JSON.stringify({ content }),
  "tools/list": JSON.stringify({ tools }),
  initialize: JSON.stringify({ protocolVersion: newestLegacy, capabilities, serverInfo }),
};
const modern: Results = {
  "tools/call": JSON.stringify({ resultType: "complete", content }),
  "tools/list": JSON.stringify({ resultType: "complete", tools, ...cacheable }),
  "server/discover": JSON.stringify({
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities,
    ...cacheable,
    _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
  }),
};

export interface FastServer {
  readonly url: string;
  readonly modernUrl: string;
  calls(): number;
  close(): Promise<void>;
}

export async function startFastServer(): Promise<FastServer> {
  const counted = { calls: 0 };
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, counted);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    modernUrl: `http://127.0.0.1:${port}/modern`,
    calls: () => counted.calls,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Cuts the stream into requests: headers to the empty line, then Content-Length bytes, or chunks to the empty one. */
function serve(socket: Socket, counted: { calls: number }): void {
  let buffer = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    buffer += chunk;
    for (let whole = cut(buffer); whole; whole = cut(buffer)) {
      buffer = buffer.slice(whole.end);
      socket.write(answerTo(whole, counted));
    }
  });
}

interface Whole {
  /** With the path. */
  readonly line: string;
  readonly body: string;
  readonly end: number;
}

function cut(buffer: string): Whole | undefined {
  const headEnd = buffer.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const head = buffer.slice(0, headEnd).toLowerCase();
  const line = head.slice(0, head.indexOf("\r\n"));
  const bodyStart = headEnd + 4;
  const lengthAt = head.indexOf("content-length:");
  if (lengthAt >= 0) {
    const length = Number.parseInt(head.slice(lengthAt + 15), 10);
    if (buffer.length < bodyStart + length) return undefined;
    return { line, body: buffer.slice(bodyStart, bodyStart + length), end: bodyStart + length };
  }
  if (!head.includes("transfer-encoding: chunked")) return { line, body: "", end: bodyStart };
  const last = buffer.indexOf("0\r\n\r\n", bodyStart);
  if (last < 0) return undefined;
  const chunks = buffer.slice(bodyStart, last);
  return { line, body: chunks.replace(/^[0-9a-f]+\r\n|\r\n[0-9a-f]*(?:\r\n)?$/g, ""), end: last + 5 };
}

function answerTo({ line, body }: Whole, counted: { calls: number }): string {
  if (!line.startsWith("post ")) return http(405, "");
  const id = /"id":("[^"]*"|\d+)/.exec(body)?.[1];
  const method = /"method":"([^"]+)"/.exec(body)?.[1] ?? "";
  if (method === "tools/call") counted.calls += 1;
  else if (id === undefined) return http(202, "");
  // In the version that was asked for: the peers' clients know older ones only.
  const version = /"protocolVersion":"([^"]+)"/.exec(body)?.[1] ?? newestLegacy;
  const result = (line.startsWith("post /modern ") ? modern : legacy)[method]?.replace(newestLegacy, version);
  return result === undefined ? http(404, "") : http(200, `{"jsonrpc":"2.0","id":${id ?? "null"},"result":${result}}`);
}

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  202: "Accepted",
  404: "Not Found",
  405: "Method Not Allowed",
};

function http(status: number, body: string): string {
  return `HTTP/1.1 ${status} ${reasons[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
