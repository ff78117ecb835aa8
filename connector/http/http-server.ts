/** A server that listens on this machine, or in its network: an exchange is passed on, and its answer streams back. */
import { Agent, request as requestHttp, type IncomingMessage } from "node:http";
import { Agent as AgentTls, request as requestHttps } from "node:https";
import { connect } from "node:net";
import type { OfferedServer } from "../../core/contract/connector-frames.ts";
import { why } from "../complaint.ts";
import type { LocalServer, Reply, Request, Traffic, Watcher, Wishes } from "../local-server.ts";
import { TrafficCount } from "../traffic-count.ts";

export interface HttpEntry {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly wishes: Wishes;
}

const lookEveryMs = 2_000;
const lookForMs = 1_000;
/** Characters that wait for the gateway before the server is held. */
const mostWaiting = 1_048_576;

/** What the gateway has to know of an answer. */
const passedOn = [
  "content-type",
  "mcp-session-id",
  "mcp-protocol-version",
  "retry-after",
  "location",
  "www-authenticate",
];
const longestHeader = 4_096;
/** Errors from before anything was sent. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

export class HttpServer implements LocalServer {
  readonly id: string;
  readonly wishes: Wishes;
  offer: OfferedServer;
  readonly #entry: HttpEntry;
  readonly #watcher: Watcher;
  readonly #count = new TrafficCount(() => this.#watcher.changed(this));
  readonly #isTls: boolean;
  readonly #agent: Agent;
  #looking: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(entry: HttpEntry, watcher: Watcher) {
    this.id = entry.id;
    this.wishes = entry.wishes;
    this.#entry = entry;
    this.#watcher = watcher;
    this.#isTls = entry.url.startsWith("https:");
    this.#agent = this.#isTls ? new AgentTls({ keepAlive: true }) : new Agent({ keepAlive: true });
    this.offer = { id: entry.id, state: "starting", reason: "", since: Date.now() };
  }

  get traffic(): Traffic {
    return this.#count;
  }

  start(): void {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#looking);
    this.#agent.destroy();
    await Promise.resolve();
  }

  serve({ method, headers, body }: Request, reply: Reply): void {
    if (/"method"\s*:\s*"tools\/call"/.test(body)) this.#count.called();
    const { host: _, ...given } = headers;
    const length = method === "POST" ? { "content-length": String(Buffer.byteLength(body)) } : {};
    const all = { ...given, ...this.#entry.headers, ...length };
    const send = this.#isTls ? requestHttps : requestHttp;
    const request = send(this.#entry.url, { method, headers: all, agent: this.#agent }, (response) => {
      this.#changed("ready", "");
      this.#pass(response, reply);
    });
    request.once("error", (error) => this.#failed(error, reply));
    reply.onGone(() => request.destroy());
    request.end(method === "POST" ? body : undefined);
  }

  #pass(response: IncomingMessage, reply: Reply): void {
    const headers: Record<string, string> = {};
    for (const name of passedOn) {
      const value = response.headers[name];
      if (typeof value === "string" && value.length <= longestHeader) headers[name] = value;
    }
    reply.begin(response.statusCode ?? 502, headers);
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const pass = (text: string): void => {
      if (text !== "") reply.write(text);
      if (reply.waiting > mostWaiting) response.pause();
    };
    reply.onSent(() => reply.waiting <= mostWaiting && response.resume());
    response.on("data", (chunk: Buffer) =>
      this.#orFail(reply, response, () => pass(utf8.decode(chunk, { stream: true }))),
    );
    response.once("end", () =>
      this.#orFail(reply, response, () => {
        pass(utf8.decode());
        reply.end();
      }),
    );
    response.once("error", (error) => this.#failed(error, reply));
  }

  #orFail(reply: Reply, response: IncomingMessage, act: () => void): void {
    try {
      act();
    } catch {
      response.destroy();
      reply.fail(true, "its answer is not UTF-8");
    }
  }

  #failed(error: Error, reply: Reply): void {
    if (reply.gone || this.#stopped) return;
    const sent = !neverSent.has("code" in error ? String(error.code) : "");
    const reason = `cannot be reached: ${why(error)}`;
    reply.fail(sent, reason);
    this.#count.trouble(reason);
    if (sent) return;
    this.#changed("down", reason);
    this.#lookLater();
  }

  /** Whether somebody listens; what speaks there is for the gateway to find out. */
  #look(): void {
    const { hostname, port } = new URL(this.#entry.url);
    const host = hostname.replaceAll(/^\[|\]$/g, "");
    const socket = connect({ host, port: Number(port || (this.#isTls ? 443 : 80)), timeout: lookForMs });
    const found = (reason: string): void => {
      socket.destroy();
      if (this.#stopped) return;
      this.#changed(reason === "" ? "ready" : "down", reason);
      if (reason !== "") this.#lookLater();
    };
    socket.once("connect", () => found(""));
    socket.once("timeout", () => found("cannot be reached: it does not answer"));
    socket.once("error", (error) => found(`cannot be reached: ${why(error)}`));
  }

  #lookLater(): void {
    clearTimeout(this.#looking);
    if (!this.#stopped) this.#looking = setTimeout(() => this.#look(), lookEveryMs);
  }

  #changed(state: OfferedServer["state"], reason: string): void {
    if (state === this.offer.state && reason === this.offer.reason) return;
    this.offer = { id: this.id, state, reason: reason.slice(0, 1_000), since: Date.now() };
    this.#watcher.changed(this);
  }
}
