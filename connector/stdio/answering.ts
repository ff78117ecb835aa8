/** One request's way back as HTTP: a JSON document when the answer is the first thing said, else an event stream. */
import type { Headers, Reply } from "../local-server.ts";
import type { Asker } from "./dialogue.ts";
import { eventText, valueAt, type Message } from "./message.ts";

export const json: Headers = { "content-type": "application/json" };
export const eventStream: Headers = { "content-type": "text/event-stream" };

/** Characters of notifications that may wait for a reader; after that they are dropped, answers never. */
export const mostWaiting = 4_194_304;

/** Over HTTP the modern era says these with a status, too. */
const statuses: Readonly<Record<string, number>> = { "-32022": 400, "-32020": 400, "-32021": 400, "-32601": 404 };

export class Answering implements Asker {
  readonly #reply: Reply;
  readonly #headers: Headers;
  readonly #isModern: boolean;
  readonly #done: (answer: string | undefined, trouble: string) => void;
  #isStream = false;

  /** `done`: with the answer, or with what came instead. */
  constructor(
    reply: Reply,
    isModern: boolean,
    headers: Headers,
    done: (answer: string | undefined, trouble: string) => void,
  ) {
    this.#reply = reply;
    this.#isModern = isModern;
    this.#headers = headers;
    this.#done = done;
  }

  heard(text: string, isRequest: boolean): void {
    if (!isRequest && this.#reply.waiting > mostWaiting) return;
    if (!this.#isStream) this.#reply.begin(200, { ...eventStream, ...this.#headers });
    this.#isStream = true;
    this.#reply.write(eventText(text));
  }

  answered(text: string): void {
    if (this.#isStream) {
      this.#reply.write(eventText(text));
      this.#reply.end();
    } else {
      this.#reply.answer(this.#statusOf(text), { ...json, ...this.#headers }, text);
    }
    this.#done(text, "");
  }

  broke(sent: boolean, reason: string): void {
    this.#reply.fail(sent, reason);
    this.#done(undefined, reason);
  }

  #statusOf(text: string): number {
    if (!this.#isModern || !text.includes('"error"')) return 200;
    return statuses[valueAt(text, { start: 0, end: text.length }, ["error", "code"]) ?? ""] ?? 200;
  }
}

/** Who a request is from and what it is, for the counts that people look at. */
export function isCall(message: Message): boolean {
  return message.is === "request" && message.method === "tools/call";
}
