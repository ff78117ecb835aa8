/** A steady load: calls begin at an even pace whether or not earlier ones have been answered, each with a mark of its own. */
import { setTimeout as pause } from "node:timers/promises";
import { callHttp, type HttpAnswer } from "../support/call-http.ts";

export type Sort = "read" | "write";

/** `echo` says of itself that it only reads; of `tool-1` nothing is known, so it counts as writing. */
const toolOf: Readonly<Record<Sort, string>> = { read: "echo", write: "tool-1" };

/** Far beyond every server's time limit here: who waits longer was forgotten. */
const patienceMs = 15_000;

export interface Finished {
  readonly mark: string;
  readonly server: string;
  readonly sort: Sort;
  readonly startedAt: number;
  readonly tookMs: number;
  /** `ok`, a failure's code, or how there was no answer at all. */
  readonly saw: string;
  /** What the gateway said of the tool's run; of a success, that it ran. */
  readonly execution: "executed" | "unknown" | "not_executed";
  /** Why a success cannot be this call's answer. */
  readonly wrong?: string;
}

export interface Target {
  readonly url: string;
  readonly key: string;
}

let marks = 0;

export class Load {
  readonly finished: Finished[] = [];
  readonly #target: () => Target;
  readonly #servers: readonly string[];
  readonly #perSecond: number;
  readonly #ending = new AbortController();
  readonly #open = new Set<Promise<void>>();
  #pacing: Promise<void> | undefined;

  constructor(target: () => Target, servers: readonly string[], perSecond: number) {
    this.#target = target;
    this.#servers = servers;
    this.#perSecond = perSecond;
  }

  start(): this {
    this.#pacing = this.#pace();
    return this;
  }

  /** Begins no more calls; answers when all that were begun have ended. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#pacing;
    await Promise.all(this.#open);
  }

  async #pace(): Promise<void> {
    const from = performance.now();
    for (let begun = 0; !this.#ending.signal.aborted;) {
      const due = Math.floor(((performance.now() - from) / 1_000) * this.#perSecond);
      for (; begun < due; begun += 1) this.#begin(begun);
      await pause(5);
    }
  }

  #begin(n: number): void {
    const server = this.#servers[(n >> 1) % this.#servers.length] ?? "";
    const call = this.#call(server, n % 2 === 0 ? "read" : "write").then((finished) => {
      this.finished.push(finished);
      this.#open.delete(call);
    });
    this.#open.add(call);
  }

  async #call(server: string, sort: Sort): Promise<Finished> {
    marks += 1;
    const mark = `m${marks}`;
    const { url, key } = this.#target();
    const startedAt = performance.now();
    const sent = callHttp(`${url}/call`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}` },
      body: { tool: `${server}__${toolOf[sort]}`, arguments: { text: mark } },
    });
    const patience = new AbortController();
    const forgotten = pause(patienceMs, "forgotten" as const, { signal: patience.signal });
    forgotten.catch(() => undefined);
    const answer = await Promise.race([sent.catch(noAnswer), forgotten]);
    patience.abort();
    return {
      mark,
      server,
      sort,
      startedAt,
      tookMs: performance.now() - startedAt,
      ...read(answer, mark, server, sort),
    };
  }
}

/** How there was none. */
export function noAnswer(reason: unknown): string {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "";
  return code === "ECONNREFUSED" ? "connection refused" : "connection lost";
}

type Read = Pick<Finished, "saw" | "execution" | "wrong">;

function read(answer: HttpAnswer | string, mark: string, server: string, sort: Sort): Read {
  if (typeof answer === "string") return { saw: answer, execution: "unknown" };
  if (answer.status !== 200) return readFailure(answer);
  const said = answer.body as { server?: string; tool?: string; result?: { content?: readonly { text?: string }[] } };
  const expected = JSON.stringify({ server, tool: toolOf[sort], arguments: { text: mark } });
  const isOwn = said?.server === server && said.tool === toolOf[sort] && said.result?.content?.[0]?.text === expected;
  return { saw: "ok", execution: "executed", ...(!isOwn && { wrong: `${mark} was answered ${answer.text}` }) };
}

function readFailure({ status, body }: HttpAnswer): Read {
  const { code = `${status} without a code`, execution } = (body ?? {}) as { code?: string; execution?: string };
  // A refusal that names no run was made before anything was sent.
  return {
    saw: code,
    execution: execution === "unknown" || (status >= 500 && execution === undefined) ? "unknown" : "not_executed",
  };
}
