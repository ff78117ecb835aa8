/** A stdio server behind a small face of Streamable HTTP, in both eras: what the gateway speaks to. */
import { randomUUID } from "node:crypto";
import type { OfferedServer } from "../../core/contract/connector-frames.ts";
import type { LocalServer, LocalState, Reply, Request, Traffic, Watcher, Wishes } from "../local-server.ts";
import { Answering, eventStream, isCall, json } from "./answering.ts";
import { Backlog } from "./backlog.ts";
import { Listeners } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import type { Dialogue } from "./dialogue.ts";
import { errorText, readMessage, valueAt, type Message } from "./message.ts";
import type { ProgramSpec } from "./program.ts";
import { SharedProcess } from "./shared-process.ts";
import { TrafficCount } from "../traffic-count.ts";

export interface StdioEntry extends ProgramSpec {
  readonly id: string;
  readonly lazy: boolean;
  readonly idleMs: number;
  readonly wishes: Wishes;
}

type RequestMessage = Extract<Message, { is: "request" }>;
const noHeaders = {};

export class StdioServer implements LocalServer {
  readonly id: string;
  readonly wishes: Wishes;
  offer: OfferedServer;
  readonly #watcher: Watcher;
  readonly #shared: SharedProcess;
  readonly #own: Conversations;
  readonly #listeners = new Listeners();
  readonly #count = new TrafficCount(() => this.#watcher.changed(this));
  /** Of everybody who shares the process; another one after it broke. */
  #sessionId: string = randomUUID();
  readonly #backlog = new Backlog();
  #noise = 0;

  constructor(entry: StdioEntry, watcher: Watcher) {
    this.id = entry.id;
    this.wishes = entry.wishes;
    this.#watcher = watcher;
    this.offer = { id: entry.id, state: entry.lazy ? "idle" : "starting", reason: "", since: Date.now() };
    const heard = {
      noise: (text: string) => this.#noisy(text),
      log: (line: string) => watcher.said(entry.id, line),
    };
    this.#shared = new SharedProcess(entry, entry.lazy ? entry.idleMs : undefined, {
      ...heard,
      aside: (text, isRequest) => this.#listeners.say(text, isRequest),
      changed: (state, reason) => this.#changed(state, reason),
      lost: () => this.#lost(),
    });
    this.#own = new Conversations(entry, heard, (reason) => this.#count.trouble(`a client's own process ${reason}`));
  }

  get traffic(): Traffic {
    return this.#count;
  }

  start(): void {
    this.#shared.start();
  }

  async stop(): Promise<void> {
    this.#listeners.close();
    await Promise.all([this.#shared.stop(), this.#own.stop()]);
  }

  serve(request: Request, reply: Reply): void {
    if (request.method === "POST") void this.#post(request, reply);
    else if (request.method === "GET") this.#listen(request, reply);
    else this.#goodbye(request, reply);
  }

  async #post({ headers, body }: Request, reply: Reply): Promise<void> {
    const message = readMessage(body);
    if (!message) return refuse(reply, 400, -32600, "one JSON-RPC message per POST");
    const session = headers["mcp-session-id"];
    const own = session === undefined ? undefined : this.#own.find(session);
    if (own) return this.#carry(own.dialogue, body, message, reply, false);
    const isInitialize = message.is === "request" && message.method === "initialize";
    if (isInitialize && wantsOwn(body, message)) {
      const begun = this.#own.begin();
      if (begun) return this.#greetOwn(begun.conversation.dialogue, begun.sessionId, body, message, reply);
    }
    await this.#postShared(session, body, message, reply);
  }

  async #postShared(session: string | undefined, body: string, message: Message, reply: Reply): Promise<void> {
    const isLegacy = this.#shared.era === "legacy";
    if (isLegacy && session !== undefined && session !== this.#sessionId) return sessionNotFound(reply);
    const ready = await this.#shared.ready();
    if (reply.gone) return;
    if (ready.is === "down") return reply.fail(false, ready.reason);
    const { dialogue, introduced } = ready;
    if (introduced.is === "modern") return this.#carry(dialogue, body, message, reply, true);
    if (message.is === "request" && message.method === "initialize") {
      const answer = `{"jsonrpc":"2.0","id":${message.idText},"result":${introduced.resultText}}`;
      return reply.answer(200, { ...json, "mcp-session-id": this.#sessionId }, answer);
    }
    if (session === undefined) return refuse(reply, 400, -32000, "Bad Request: Server not initialized");
    // It broke, and came back, while we waited.
    if (session !== this.#sessionId) return sessionNotFound(reply);
    // Said to the process once, by whoever introduced it.
    if (message.is === "notification" && message.method === "notifications/initialized") return accept(reply);
    this.#carry(dialogue, body, message, reply, false);
  }

  #carry(dialogue: Dialogue, body: string, message: Message, reply: Reply, isModern: boolean): void {
    if (message.is === "request") return this.#ask(dialogue, body, message, reply, isModern, noHeaders);
    dialogue.tell(body, message);
    accept(reply);
  }

  #greetOwn(dialogue: Dialogue, sessionId: string, body: string, message: Message, reply: Reply): void {
    if (message.is !== "request") return;
    this.#ask(dialogue, body, message, reply, false, { "mcp-session-id": sessionId });
    // Nobody will ever know its session.
    reply.onGone(() => this.#own.end(sessionId));
  }

  #ask(
    dialogue: Dialogue,
    body: string,
    message: RequestMessage,
    reply: Reply,
    isModern: boolean,
    headers: Readonly<Record<string, string>>,
  ): void {
    if (isCall(message)) this.#count.called();
    const answering = new Answering(reply, isModern, headers, (answer, trouble) => {
      this.#backlog.watch(reply, dialogue);
      if (answer === undefined) this.#count.trouble(trouble);
      else if (message.method === "tools/list") this.#count.listed(body, message, answer);
    });
    reply.onGone(() => dialogue.cancel(message.idText));
    dialogue.ask(body, message, answering);
  }

  #listen({ headers }: Request, reply: Reply): void {
    const session = headers["mcp-session-id"];
    if (session === undefined || this.#shared.era === "modern") return refuse(reply, 405, -32000, "Method Not Allowed");
    const own = this.#own.find(session);
    if (!own && session !== this.#sessionId) return sessionNotFound(reply);
    reply.begin(200, eventStream);
    (own?.listeners ?? this.#listeners).add(reply);
  }

  #goodbye({ headers }: Request, reply: Reply): void {
    const session = headers["mcp-session-id"] ?? "";
    // Of those who share a process, one alone may not end it.
    if (session === this.#sessionId || this.#own.end(session)) reply.answer(200, {}, "");
    else sessionNotFound(reply);
  }

  #lost(): void {
    this.#sessionId = randomUUID();
    this.#listeners.close();
  }

  #changed(state: LocalState, reason: string): void {
    if (state === this.offer.state && reason === this.offer.reason) return;
    const since = state === this.offer.state ? this.offer.since : Date.now();
    this.offer = { id: this.id, state, reason: reason.slice(0, 1_000), since };
    if (reason !== "") this.#count.trouble(reason);
    this.#watcher.changed(this);
  }

  #noisy(text: string): void {
    this.#noise += 1;
    if (this.#noise > 1) return;
    this.#watcher.noted(
      this.id,
      `writes to stdout what is not MCP, which is left out; it belongs on stderr. The first line: ${text.slice(0, 200)}`,
    );
  }
}

/** A client that can be asked something. */
function wantsOwn(body: string, message: RequestMessage): boolean {
  const capabilities = valueAt(body, message.params, ["capabilities"]);
  return capabilities !== undefined && capabilities.startsWith("{") && !/^\{\s*\}$/.test(capabilities);
}

function accept(reply: Reply): void {
  reply.answer(202, {}, "");
}

function refuse(reply: Reply, status: number, code: number, words: string): void {
  reply.answer(status, json, errorText("null", code, words));
}

function sessionNotFound(reply: Reply): void {
  refuse(reply, 404, -32001, "Session not found");
}
