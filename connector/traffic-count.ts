/** What people want to know of a server's traffic at a glance. */
import { elementSpans, memberSpans } from "../core/protocol/json-text.ts";
import type { Traffic } from "./local-server.ts";
import { valueAt, type Message } from "./stdio/message.ts";

const longestError = 300;

export class TrafficCount implements Traffic {
  calls = 0;
  tools: number | undefined;
  lastError = "";
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  called(): void {
    this.calls += 1;
    this.#changed();
  }

  trouble(words: string): void {
    this.lastError = words.slice(0, longestError);
    this.#changed();
  }

  /** A page of tools went by. */
  listed(asked: string, { params }: Extract<Message, { is: "request" }>, answer: string): void {
    const result = memberSpans(answer).get("result");
    const tools = result && memberSpans(answer, result.start).get("tools");
    if (!tools) return;
    const before = valueAt(asked, params, ["cursor"]) === undefined ? 0 : (this.tools ?? 0);
    this.tools = before + elementSpans(answer, tools.start).length;
    this.#changed();
  }
}
