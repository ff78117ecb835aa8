/** A legacy server as the reference one is: a session per client, event streams, and questions in the middle of a call. */
import { FakeServer } from "./fake-server.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A tool's side of one call. */
export interface Turn {
  readonly args: Json;
  /** What the client of this call's session declared. */
  readonly capabilities: Json;
  readonly progressToken: unknown;
  /** The id of the request, as the server sees it. */
  readonly id: unknown;
  /** Asks on the call's own stream, or on the session's; resolves with the result, throws on an error. */
  readonly ask: (id: string | number, method: string, params?: Json, where?: "call" | "session") => Promise<Json>;
  readonly notify: (method: string, params?: Json, where?: "call" | "session") => void;
  /** Ends the call's stream without an answer. */
  readonly hangUp: () => void;
}

export type Script = (turn: Turn) => Promise<Json>;

interface Session {
  readonly capabilities: Json;
  readonly asked: Map<unknown, PromiseWithResolvers<Json>>;
  /** The standing stream of a GET, while there is one. */
  say?: Say | undefined;
}

type Say = (message: Json) => void;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: Json;
}

export const text = (words: string): Json => ({ content: [{ type: "text", text: words }] });

export class AskingServer extends FakeServer {
  readonly scripts: Readonly<Record<string, Script>>;
  readonly sessions = new Map<string, Session>();
  /** Tools that were run, in order. */
  readonly runs: string[] = [];
  /** Ids of calls that were cancelled. */
  readonly cancelled: unknown[] = [];
  /** Standing streams that are open now. */
  streams = 0;
  hasStandingStream = true;
  opensAfterMs = 0;
  /** Whether POSTed answers are taken. */
  takesAnswers = true;
  /** The next call finds its session lost, once. */
  losesSession = false;

  constructor(host: string, scripts: Readonly<Record<string, Script>>) {
    super(host, Object.keys(scripts));
    this.scripts = scripts;
  }

  override async answer(request: Request): Promise<Response> {
    if (this.mood !== "well") return super.answer(request);
    const name = request.headers.get("mcp-session-id") ?? "";
    const session = this.sessions.get(name);
    if (request.method === "DELETE") {
      this.ended.push(name);
      this.sessions.delete(name);
      return new Response(null, { status: 204 });
    }
    if (request.method === "GET") return this.#stand(request, session);
    const message = await request.json<Message>();
    if (message.method === "initialize") return this.#greet(message);
    if (session === undefined) return refusal(name === "" ? 400 : 404);
    if (message.method === undefined) return this.#takeAnswer(session, message);
    if (message.method === "notifications/cancelled") this.cancelled.push(message.params?.["requestId"]);
    if (message.id === undefined) return new Response(null, { status: 202 });
    if (message.method === "tools/list") return this.#list(message);
    if (this.losesSession) {
      this.losesSession = false;
      this.sessions.delete(name);
      return refusal(404);
    }
    return this.#run(request, session, message);
  }

  override forgetSessions(): void {
    this.sessions.clear();
  }

  #greet({ id, params }: Message): Response {
    this.initializes += 1;
    const name = `session-${this.initializes}`;
    this.sessions.set(name, { capabilities: (params?.["capabilities"] ?? {}) as Json, asked: new Map() });
    const capabilities = { tools: { listChanged: true }, logging: {}, experimental: { "x/y": { a: 1 } } };
    const serverInfo = { name: "asking", version: "1" };
    const result = { protocolVersion: "2025-11-25", capabilities, serverInfo, instructions: 'Ask "nicely".' };
    return Response.json({ jsonrpc: "2.0", id, result }, { headers: { "mcp-session-id": name } });
  }

  #list({ id }: Message): Response {
    this.lists += 1;
    const tools = this.tools.map((tool) => ({ ...tool, inputSchema: { type: "object" } }));
    return Response.json({ jsonrpc: "2.0", id, result: { tools } });
  }

  #takeAnswer({ asked }: Session, { id, result, error }: Message): Response {
    if (!this.takesAnswers) return new Response("out of order", { status: 503 });
    const waiting = asked.get(id);
    asked.delete(id);
    if (result) waiting?.resolve(result);
    else waiting?.reject(new Error(JSON.stringify(error)));
    return new Response(null, { status: 202 });
  }

  async #stand(request: Request, session: Session | undefined): Promise<Response> {
    await scheduler.wait(this.opensAfterMs);
    if (!this.hasStandingStream) return new Response(null, { status: 405 });
    if (session === undefined) return refusal(404);
    if (session.say) return new Response(null, { status: 409 });
    this.streams += 1;
    return stream(
      request,
      (say) => (session.say = say),
      () => {
        session.say = undefined;
        this.streams -= 1;
      },
    );
  }

  #run(request: Request, session: Session, { id, method, params = {} }: Message): Response {
    const name = method === "tools/call" ? String(params["name"]) : String(method);
    this.runs.push(name);
    const { progressToken } = (params["_meta"] ?? {}) as Json;
    return stream(request, (say, end) => {
      const sayAt = (where: "call" | "session", message: Json) => (where === "call" ? say : session.say)?.(message);
      const turn: Turn = {
        args: (params["arguments"] ?? {}) as Json,
        capabilities: session.capabilities,
        progressToken,
        id,
        ask(asked, what, details, where = "call") {
          const answered = Promise.withResolvers<Json>();
          session.asked.set(asked, answered);
          sayAt(where, { id: asked, method: what, ...(details ? { params: details } : {}) });
          return answered.promise;
        },
        notify: (what, details = {}, where = "call") => sayAt(where, { method: what, params: details }),
        hangUp: end,
      };
      void (this.scripts[name] ?? unknown)(turn)
        .catch((error: unknown) => ({ ...text(String(error)), isError: true }))
        .then((result) => {
          say({ id, result });
          end();
        });
    });
  }
}

async function unknown(): Promise<Json> {
  return { ...text("no such tool"), isError: true };
}

function refusal(status: number): Response {
  const error = { code: status === 404 ? -32001 : -32000, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", id: null, error }, { status });
}

/** An event stream that breaks, as a socket does, when the client hangs up. */
function stream(request: Request, begin: (say: Say, end: () => void) => void, ended = () => {}): Response {
  const encoder = new TextEncoder();
  let isOpen = true;
  const finish = () => {
    if (isOpen) ended();
    isOpen = false;
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      request.signal.addEventListener("abort", () => {
        if (isOpen) controller.error(new Error("aborted"));
        finish();
      });
      controller.enqueue(encoder.encode(": open\n\n"));
      const say: Say = (message) => {
        const line = `data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`;
        if (isOpen) controller.enqueue(encoder.encode(line));
      };
      begin(say, () => {
        if (isOpen) controller.close();
        finish();
      });
    },
    cancel: finish,
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
