/**
 * A closed-loop load generator on raw sockets, cheap enough to share two cores with what it measures:
 * each connection sends, waits for the whole answer, and sends again. Every answer is checked.
 */
import { connect, type Socket } from "node:net";

export interface Shot {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Or one for each connection, for servers that tell requests of one session apart by their ids. */
  readonly body: string | ((connection: number) => string);
  /** What every right answer contains. */
  readonly expect: string;
}

export interface Volley {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly calls: number;
  readonly wrong: number;
}

export async function fire(shot: Shot, connections: number, forMs: number): Promise<Volley> {
  const latencies: number[] = [];
  const tally = { wrong: 0 };
  const startedAt = performance.now();
  const until = startedAt + forMs;
  await Promise.all(
    Array.from({ length: connections }, (_, connection) =>
      oneConnection(shot, requestText(shot, connection), until, latencies, tally),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    callsPerSecond: latencies.length / seconds,
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
    calls: latencies.length,
    wrong: tally.wrong,
  };
}

function oneConnection(
  shot: Shot,
  text: string,
  until: number,
  latencies: number[],
  tally: { wrong: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(shot.port, shot.host);
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    let buffer = "";
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      socket.write(text);
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk: string) => {
      buffer += chunk;
      const end = endOfAnswer(buffer);
      if (end === 0) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (!buffer.startsWith("HTTP/1.1 200") || !buffer.includes(shot.expect)) tally.wrong += 1;
      buffer = buffer.slice(end);
      if (now < until) send();
      else socket.destroy();
    });
  });
}

/** Where the first whole answer ends; 0 when it is not whole yet. */
function endOfAnswer(buffer: string): number {
  const headEnd = buffer.indexOf("\r\n\r\n");
  if (headEnd < 0) return 0;
  const head = buffer.slice(0, headEnd).toLowerCase();
  const lengthAt = head.indexOf("content-length:");
  if (lengthAt >= 0) {
    const end = headEnd + 4 + Number.parseInt(head.slice(lengthAt + 15), 10);
    return buffer.length >= end ? end : 0;
  }
  const last = buffer.indexOf("\r\n0\r\n\r\n", headEnd);
  return last < 0 ? 0 : last + 7;
}

function requestText(shot: Shot, connection: number): string {
  const body = typeof shot.body === "string" ? shot.body : shot.body(connection);
  const headers = { host: `${shot.host}:${shot.port}`, "content-type": "application/json", ...shot.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${shot.path} HTTP/1.1\r\n${lines.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
