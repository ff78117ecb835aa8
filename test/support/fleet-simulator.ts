/** Many MCP servers in one Node HTTP server: server n lives at /s/<n>/mcp. Counts what ran where. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { ToyServer, type ToyEras, type ToyTool } from "./toy-server.ts";

export interface FleetOptions {
  readonly servers: number;
  /** Tools of each server, `echo` among them. */
  readonly tools: number;
  /** Which eras server n speaks; legacy when left out. */
  readonly eras?: (n: number) => ToyEras;
}

export interface FleetSimulator {
  readonly port: number;
  readonly toolNames: readonly string[];
  /** The id that tests register server n under. */
  id(n: number): string;
  url(n: number): string;
  /** Calls that ran on server n, of one tool or of all. */
  executions(n: number, tool?: string): number;
  /** From now on these take requests and never answer. */
  hang(servers: readonly number[]): void;
  /** Every session of every server is gone, as after a restart of them all. */
  forgetSessions(): void;
  stop(): Promise<void>;
}

export async function startFleet(options: FleetOptions): Promise<FleetSimulator> {
  const tools = toyTools(options.tools);
  const toys = Array.from(
    { length: options.servers },
    (_, n) => new ToyServer(`sim ${n}`, tools, options.eras?.(n) ?? "legacy"),
  );
  const hung = new Set<number>();
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const n = Number(/^\/s\/(\d+)\/mcp$/.exec(request.url ?? "")?.[1] ?? -1);
      const toy = toys[n];
      if (hung.has(n)) return;
      const { method = "GET", headers } = request;
      const answer = toy?.answer({ method, headers, body }) ?? { status: 404, headers: {}, body: "" };
      response.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
      response.end(answer.body);
    });
  });
  const port = await listen(server);
  return {
    port,
    toolNames: tools.map(({ name }) => name),
    id: (n) => `sim-${n}`,
    url: (n) => `http://127.0.0.1:${port}/s/${n}/mcp`,
    executions: (n, tool) => (tool === undefined ? toys[n]?.executed : toys[n]?.executions.get(tool)) ?? 0,
    hang: (servers) => servers.forEach((n) => hung.add(n)),
    forgetSessions: () => toys.forEach((toy) => toy.sessions.clear()),
    stop: () => close(server),
  };
}

/** `echo` and as many more as asked for. */
export function toyTools(count: number): readonly ToyTool[] {
  return Array.from({ length: count }, (_, n) =>
    n === 0
      ? { name: "echo", description: "Says what it was told", readOnly: true }
      : { name: `tool-${n}`, description: `Tool number ${n} of this server` },
  );
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

export function listen(server: Server, at = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
