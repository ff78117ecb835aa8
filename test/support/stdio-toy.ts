/**
 * A small stdio server of either era, run as a program of its own: `node stdio-toy.ts [--modern] [--how=HOW]`. Its tools
 * do what tests need to see; what ran is appended to the file in TOY_LOG, one line per call.
 */
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly requestId?: string | number;
    readonly protocolVersion?: string;
    readonly capabilities?: Readonly<Record<string, unknown>>;
    readonly _meta?: { readonly progressToken?: string | number };
  };
  readonly result?: unknown;
}

const isModern = process.argv.includes("--modern");
const how = /--how=(\S+)/.exec(process.argv.join(" "))?.[1] ?? "well";
const log = process.env["TOY_LOG"];
const running = new Map<string | number, () => void>();
const asked = new Map<string, (result: unknown) => void>();
let count = 0;

const tools = ["echo", "count", "slow", "steps", "die", "big", "ask", "flood", "log", "pid", "odd", "change"];

if (how === "exit-at-once") {
  console.error("Error: Cannot find module 'nothing'");
  process.exit(1);
}
// Ends at a first message that is not `initialize`, as some servers do.
let isStrict = how === "strict";
// Neither the end of its input nor SIGTERM moves it.
if (how === "stubborn") {
  process.on("SIGTERM", () => undefined);
  setInterval(() => undefined, 1_000);
}

createInterface({ input: process.stdin }).on("line", (line) => void hear(JSON.parse(line) as Message, line));

function say(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

function refuse(id: Message["id"], code: number, message: string): void {
  say({ id, error: { code, message } });
}

async function hear(message: Message, line: string): Promise<void> {
  const { id, method, params } = message;
  if (how === "silent") return;
  if (isStrict && method !== "initialize") {
    console.error(`expected initialize, got ${method}`);
    process.exit(1);
  }
  isStrict = false;
  if (method === undefined) return asked.get(String(id))?.(message.result);
  if (method === "notifications/cancelled") return cancel(params?.requestId ?? "");
  if (id === undefined) return;
  if (method === "server/discover")
    return isModern ? say({ id, result: discovery }) : refuse(id, -32_601, "no such method");
  if (method === "initialize") {
    if (isModern) return refuse(id, -32_022, "Unsupported protocol version");
    if (how === "noisy") process.stdout.write("Welcome to my server!\n{not json\n");
    const version = params?.protocolVersion ?? "";
    const serverInfo = { name: "toy", version: "1" };
    return say({ id, result: { protocolVersion: version, capabilities: { tools: {} }, serverInfo } });
  }
  if (method === "tools/list") {
    return say({ id, result: { tools: tools.map((name) => ({ name, inputSchema: { type: "object" } })) } });
  }
  if (method !== "tools/call") return refuse(id, -32_601, "no such method");
  await call(id, params ?? {}, line);
}

const discovery = {
  resultType: "complete",
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: "private",
  _meta: { "io.modelcontextprotocol/serverInfo": { name: "toy", version: "1" } },
};

function cancel(id: string | number): void {
  if (log !== undefined) appendFileSync(log, `cancelled ${id}\n`);
  running.get(id)?.();
}

function answer(id: string | number, text: string): void {
  say({ id, result: { ...(isModern && { resultType: "complete" }), content: [{ type: "text", text }] } });
}

async function call(id: string | number, params: NonNullable<Message["params"]>, line: string): Promise<void> {
  const { name = "", arguments: args = {} } = params;
  if (log !== undefined) appendFileSync(log, `${name} ${JSON.stringify(args)}\n`);
  const ms = Number(args["ms"] ?? 0);
  switch (name) {
    case "echo":
      return answer(id, line);
    case "count":
      return answer(id, String(++count));
    case "pid":
      return answer(id, String(process.pid));
    case "slow":
      return answer(id, (await pause(id, ms)) ? "slept" : "woken");
    case "steps": {
      const progressToken = params._meta?.progressToken;
      for (let progress = 1; progress <= 3; progress += 1) {
        say({ method: "notifications/progress", params: { progressToken, progress, total: 3 } });
        await pause(id, ms);
      }
      return answer(id, "done");
    }
    case "die":
      await pause(id, ms);
      console.error("I am dying");
      return process.exit(7);
    case "big":
      return answer(id, "x".repeat(Number(args["size"] ?? 0)));
    case "flood":
      for (let n = 0; n < Number(args["times"]); n += 1) {
        say({ method: "notifications/message", params: { level: "info", data: `${n} ${"y".repeat(1_000)}` } });
      }
      // Its reader has taken all but what the pipe holds.
      await new Promise((resolve) => process.stdout.write("", resolve));
      if (log !== undefined) appendFileSync(log, "all said\n");
      return answer(id, "flooded");
    case "log":
      say({ method: "notifications/message", params: { level: "info", data: "a word" } });
      return answer(id, "logged");
    case "change":
      say({ method: "notifications/tools/list_changed" });
      return answer(id, "changed");
    case "odd":
      process.stdout.write(
        `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"n":12345678901234567890,"s":"\\u0041"}}\n`,
      );
      return;
    case "ask": {
      const filled = await ask({ message: "Who are you?", requestedSchema: { type: "object", properties: {} } });
      return answer(id, JSON.stringify(filled ?? "nobody answered"));
    }
    default:
      return refuse(id, -32_602, `no such tool: ${name}`);
  }
}

/** False: it was cancelled. */
function pause(id: string | number, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms);
    running.set(id, () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

let questions = 0;
function ask(params: object): Promise<unknown> {
  const id = `q${(questions += 1)}`;
  say({ id, method: "elicitation/create", params });
  return new Promise((resolve) => asked.set(id, resolve));
}
