/**
 * One call that its shard dials, since the server may ask something back and the client can only be told in an answer.
 * It goes from step to step: to its end, or to questions that the next request of the client answers. Memory only.
 */
import type { Connection } from "../../core/contract/call.ts";
import type { ParkAsk, ParkStep, TellParked } from "../../core/contract/conversation.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { askable } from "../../core/protocol/client-capabilities.ts";
import { isObject } from "../../core/protocol/json-rpc.ts";
import { memberSpans, memberText } from "../../core/protocol/json-text.ts";
import { withProgressToken } from "../../core/protocol/notifications.ts";
import type { Answer, ServerRequest } from "../../core/upstream/link.ts";
import { within } from "./patience.ts";

/** Questions that a server pushes together come within a moment of each other, and make one round. */
const graceMs = 20;
const mostQuestions = 64;
/** In characters, all open ones together. */
const mostAsked = 1_048_576;
/** The end of a step waits no longer for what was said before it to be heard. */
const tellMs = 1_000;
const mostNotifications = 1_000;
/** In characters: they share an RPC answer with the result. */
const mostNoticed = 1_048_576;

export interface AnswerToServer {
  readonly key: string;
  readonly question: ServerRequest;
  /** JSON-RPC response, as it goes to the server. */
  readonly messageText: string;
}

export class ParkedCall {
  readonly id: string;
  readonly ask: ParkAsk;
  /** What it was sent over. */
  connection?: Connection;
  readonly #declared: Readonly<Record<string, unknown>>;
  readonly #gone = new AbortController();
  readonly #questions = new Map<string, ServerRequest>();
  readonly #undeclared = new Set<string>();
  #notifications: string[] = [];
  #noticed = 0;
  /** Of the request that waits. */
  #onward: TellParked | undefined;
  #telling: Promise<void> | undefined;
  #end: Outcome<Answer> | undefined;
  #news = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #awaited = 0;

  constructor(id: string, ask: ParkAsk) {
    this.id = id;
    this.ask = ask;
    const declared: unknown = JSON.parse(ask.capabilitiesText);
    this.#declared = isObject(declared) ? declared : {};
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** A request of the client waits for the next step. */
  get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  /** Characters that it holds in memory. */
  get weight(): number {
    return this.ask.paramsText.length + this.#asked() + this.#noticed;
  }

  abandon(): void {
    this.#gone.abort();
  }

  end(outcome: Outcome<Answer>): void {
    this.#end ??= outcome;
    this.#ended.resolve();
    this.#tell();
  }

  /** False: the client cannot be asked this. */
  question(asked: ServerRequest): boolean {
    const capability = askable.get(asked.method);
    if (capability === undefined) return false;
    if (!isObject(this.#declared[capability])) {
      this.#undeclared.add(asked.method);
      return false;
    }
    const key = this.#keyOf(asked.idText);
    const isTooMuch = this.#questions.size >= mostQuestions || this.#asked() + asked.text.length > mostAsked;
    if (isTooMuch && !this.#questions.has(key)) return false;
    this.#questions.set(key, asked);
    this.#tell();
    return true;
  }

  notice(text: string, method: string): void {
    if (method === "notifications/cancelled") return this.#withdraw(text);
    const isOurProgress =
      method === "notifications/progress" && withProgressToken(text, this.id, JSON.stringify(this.id)) !== undefined;
    // A modern client that named no level wants no log (2026-07-28, "logging").
    const isLog = method === "notifications/message" && this.ask.logLevel !== undefined;
    if (!isOurProgress && !isLog) return;
    if (this.#notifications.length >= mostNotifications || this.#noticed + text.length > mostNoticed) return;
    this.#notifications.push(text);
    this.#noticed += text.length;
    this.#pass();
  }

  /** Strikes out the questions that are answered here. What is no object is no answer, and its question stays open. */
  take(answersText: string): AnswerToServer[] {
    const answers: AnswerToServer[] = [];
    for (const [key, { start, end }] of memberSpans(answersText)) {
      const question = this.#questions.get(key);
      const text = answersText.slice(start, end);
      if (question === undefined || !text.startsWith("{")) continue;
      this.#questions.delete(key);
      answers.push({ key, question, messageText: `{"jsonrpc":"2.0","id":${question.idText},"result":${text}}` });
    }
    return answers;
  }

  /** The answer did not get through. */
  reopen({ key, question }: AnswerToServer): void {
    this.#questions.set(key, question);
    this.#tell();
  }

  /** To the end or to open questions; undefined when neither has come in time. */
  async step(timeoutMs: number, tell?: TellParked): Promise<Outcome<ParkStep> | undefined> {
    this.#awaited += 1;
    this.#onward = tell;
    this.#pass();
    try {
      if (!(await this.#turn(Date.now() + timeoutMs))) return undefined;
      // What came before the end is told before it.
      for (const until = Date.now() + tellMs; this.#telling && Date.now() < until;) {
        await within(until - Date.now(), this.#telling);
      }
      return this.#end === undefined ? success(this.#asking()) : this.#answered(this.#end);
    } finally {
      this.#awaited -= 1;
      this.#onward = undefined;
    }
  }

  /** False: neither the end nor a question has come in time. */
  async #turn(until: number): Promise<boolean> {
    for (;;) {
      while (this.#end === undefined && this.#questions.size === 0) {
        if ((await within(until - Date.now(), this.#news.promise)) === "late") return false;
      }
      if (this.#end === undefined) await within(graceMs, this.#ended.promise);
      if (this.#end !== undefined || this.#questions.size > 0) return true;
    }
  }

  /** One batch at a time, so that the order holds. A request that hears no more has gone, and its client with it. */
  #pass(): void {
    const tell = this.#onward;
    if (tell === undefined || this.#telling !== undefined || this.#notifications.length === 0) return;
    this.#telling = tell(this.#drain())
      .catch(() => (this.#onward = undefined))
      .then(() => {
        this.#telling = undefined;
        this.#pass();
      });
  }

  /** Nothing came in time. */
  late(): Outcome<ParkStep> {
    const { server, timeoutMs } = this.ask;
    return this.#answered(failure({ code: "server_timeout", server, execution: "unknown", timeoutMs }));
  }

  #answered(end: Outcome<Answer>): Outcome<ParkStep> {
    if (this.#undeclared.size > 0 && !(end.ok && !end.value.isError)) return this.#failedAfterRefusal(end);
    if (!end.ok) return end;
    const { resultText, isError } = end.value;
    return success({ is: "answered", resultText, isError, notifications: this.#drain() });
  }

  /** What the server itself calls a failure, failed for want of the capability. Its silence says nothing of the kind. */
  #failedAfterRefusal(end: Outcome<Answer>): Outcome<never> {
    const { server } = this.ask;
    const asked = [...this.#undeclared].sort().join(", ");
    if (end.ok || end.failure.code === "server_error") {
      return failure({ code: "interaction_required", server, execution: "unknown", asked });
    }
    const { failure: reason } = end;
    if (!("execution" in reason) || reason.execution !== "unknown") return end;
    const evidence = `it was refused ${asked}, then ${reason.code}`;
    return failure({ code: "outcome_unknown", server, execution: "unknown", evidence });
  }

  #asking(): ParkStep {
    const asks = [...this.#questions].map(([key, { method, text }]) => {
      const params = memberText(text, "params");
      const rest = params === undefined ? "" : `,"params":${params}`;
      return `${JSON.stringify(key)}:{"method":${JSON.stringify(method)}${rest}}`;
    });
    return { is: "asks", parkId: this.id, asksText: `{${asks.join(",")}}`, notifications: this.#drain() };
  }

  #drain(): readonly string[] {
    const notifications = this.#notifications;
    this.#notifications = [];
    this.#noticed = 0;
    return notifications;
  }

  /** The server asks no longer: its own patience has ended. */
  #withdraw(text: string): void {
    const idText = memberText(memberText(text, "params") ?? "{}", "requestId");
    for (const [key, question] of this.#questions) if (question.idText === idText) this.#questions.delete(key);
  }

  /** The question's own id; of a string and a number that look alike the second one keeps its JSON form. */
  #keyOf(idText: string): string {
    const key = String(JSON.parse(idText));
    const taken = this.#questions.get(key);
    return taken === undefined || taken.idText === idText ? key : idText;
  }

  #asked(): number {
    return this.#questions.values().reduce((sum, { text }) => sum + text.length, 0);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
