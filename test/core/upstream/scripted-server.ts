/** A server that answers exactly what a test tells it to, over HTTP or straight onto the socket, and writes down what it hears. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The body's JSON-RPC members, when it has some. */
  readonly rpc: { readonly id?: string | number; readonly method?: string; readonly params?: unknown };
  /** The client closed its side before the answer was complete. */
  readonly left: Promise<void>;
}

export type Script = (heard: Heard, response: ServerResponse, socket: Socket) => void | Promise<void>;

export interface ScriptedServer {
  readonly url: string;
  readonly heard: Heard[];
}

/** Stops by itself when the test is over. */
export async function serve(script: Script): Promise<ScriptedServer> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts).toString("utf8");
      const left = new Promise<void>((resolve) =>
        response.once("close", () => !response.writableFinished && resolve()),
      );
      const one: Heard = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
        rpc: rpcOf(body),
        left,
      };
      heard.push(one);
      await script(one, response, request.socket);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, heard };
}

function rpcOf(body: string): Heard["rpc"] {
  try {
    return JSON.parse(body) as Heard["rpc"];
  } catch {
    return {};
  }
}

export const json = { "content-type": "application/json" };
export const eventStream = { "content-type": "text/event-stream" };

export function resultFor(heard: Heard, result = '{"content":[]}'): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(heard.rpc.id)},"result":${result}}`;
}

export function errorFor(heard: Heard, code: number, message: string, data = ""): string {
  const more = data === "" ? "" : `,"data":${data}`;
  const error = `{"code":${code},"message":${JSON.stringify(message)}${more}}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(heard.rpc.id ?? null)},"error":${error}}`;
}

/** A 200 with this body and a length. */
export function answer(response: ServerResponse, body: string | Buffer, headers: Record<string, string> = json): void {
  response.writeHead(200, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

export function status(response: ServerResponse, code: number, body = "", headers: Record<string, string> = {}): void {
  response.writeHead(code, headers);
  response.end(body);
}

export function event(data: string): string {
  return `event: message\ndata: ${data}\n\n`;
}
