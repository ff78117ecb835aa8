/**
 * Many calls at once over one program's lines: which line belongs to which call. The gateway's request ids are unique
 * wherever they come from, so they go to the program as they are.
 */
import { replyText } from "../../core/protocol/json-rpc.ts";
import { cancelledText } from "../../core/protocol/notifications.ts";
import { asLine, progressTokenOf, readMessage, valueAt, type Message } from "./message.ts";
import { Program, type ProgramSpec } from "./program.ts";

/** Who waits for the answer to one request. */
export interface Asker {
  /** The server says something before it answers: a notification, or a request of its own. */
  heard(text: string, isRequest: boolean): void;
  answered(text: string): void;
  /** There will be no answer. */
  broke(sent: boolean, reason: string): void;
}

export interface DialogueEvents {
  /** Said outside of any call. False: nobody takes it. */
  aside(text: string, isRequest: boolean): boolean;
  /** A line that is no JSON-RPC message. */
  noise(text: string): void;
  /** A message, whatever it is. */
  alive(): void;
  log(line: string): void;
  ended(reason: string): void;
}

interface Pending {
  readonly asker: Asker;
  readonly idText: string;
  readonly token: string | undefined;
  readonly mayCancel: boolean;
}

/** Not to be cancelled; what they ask is short. */
const opening = new Set(["initialize", "server/discover"]);
const subscriptionId = "io.modelcontextprotocol/subscriptionId";
/** These are about what the server offers, not about a call that happens to be running. */
const aboutOffer = /^notifications\/(?:(?:tools|prompts|resources)\/list_changed|resources\/updated)$/;

export class Dialogue {
  readonly #events: DialogueEvents;
  readonly #program: Program;
  readonly #pending = new Map<string, Pending>();
  readonly #tokens = new Map<string, Pending>();
  /** Requests of the server's that only a client with capabilities can answer. */
  readonly #takesRequests: boolean;
  #end: string | undefined;

  constructor(spec: ProgramSpec, takesRequests: boolean, events: DialogueEvents) {
    this.#events = events;
    this.#takesRequests = takesRequests;
    this.#program = new Program(spec, {
      line: (text, isIntact) => this.#line(text, isIntact),
      log: (line) => events.log(line),
      ended: (reason) => this.#ended(reason),
    });
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get busy(): number {
    return this.#pending.size;
  }

  get pid(): number | undefined {
    return this.#program.pid;
  }

  ask(text: string, message: Extract<Message, { is: "request" }>, asker: Asker): void {
    const { idText, method, params } = message;
    if (this.#end !== undefined) return asker.broke(false, this.#end);
    if (this.#pending.has(idText)) return asker.broke(false, `a request with the id ${idText} is in flight`);
    const pending = { asker, idText, token: progressTokenOf(text, params), mayCancel: !opening.has(method) };
    this.#pending.set(idText, pending);
    if (pending.token !== undefined) this.#tokens.set(pending.token, pending);
    if (this.#program.write(asLine(text))) return;
    this.#forget(pending);
    asker.broke(false, "does not read its input");
  }

  /** A notification, or an answer to what the server asked. */
  tell(text: string, message: Message): void {
    if (message.is === "notification" && message.method === "notifications/cancelled") {
      const idText = valueAt(text, message.params, ["requestId"]);
      // Of a call that is over, or that we cancelled before: the server need not hear it.
      const pending = idText === undefined ? undefined : this.#pending.get(idText);
      if (!pending) return;
      this.#forget(pending);
      pending.asker.broke(true, "it was cancelled");
    }
    this.#program.write(asLine(text));
  }

  /** Nobody waits for this any more. */
  cancel(idText: string): void {
    const pending = this.#pending.get(idText);
    if (!pending) return;
    this.#forget(pending);
    if (pending.mayCancel) this.#program.write(cancelledText(idText, "the caller left"));
  }

  hold(): void {
    this.#program.hold();
  }

  goOn(): void {
    this.#program.goOn();
  }

  stop(verdict: string): Promise<void> {
    return this.#program.stop(verdict);
  }

  #forget(pending: Pending): void {
    this.#pending.delete(pending.idText);
    if (pending.token !== undefined) this.#tokens.delete(pending.token);
  }

  #line(text: string, isIntact: boolean): void {
    const message = readMessage(text);
    if (!message) return this.#events.noise(text);
    this.#events.alive();
    if (message.is === "response") return this.#answer(text, message.idText, isIntact);
    if (!isIntact) return;
    if (message.is === "request") this.#asked(text, message.idText, message.method);
    else this.#notified(text, message);
  }

  #answer(text: string, idText: string, isIntact: boolean): void {
    const pending = this.#pending.get(idText);
    if (!pending) return;
    this.#forget(pending);
    if (isIntact) pending.asker.answered(text);
    else pending.asker.broke(true, "its answer is not UTF-8");
  }

  #asked(text: string, idText: string, method: string): void {
    const asked = method === "ping" ? undefined : this.#takesRequests ? this.#last() : this.#only();
    if (asked) return asked.asker.heard(text, true);
    if (this.#takesRequests && method !== "ping" && this.#events.aside(text, true)) return;
    this.#program.write(replyText(method, idText));
  }

  #notified(text: string, { method, params }: Extract<Message, { is: "notification" }>): void {
    const pending = this.#concerned(text, method, params);
    if (pending === "nobody") return;
    if (pending) pending.asker.heard(text, false);
    else this.#events.aside(text, false);
  }

  /** Stdio does not say which call a message belongs to, except for progress and for subscriptions. */
  #concerned(text: string, method: string, params: { start: number; end: number } | undefined) {
    if (method === "notifications/progress") {
      const token = valueAt(text, params, ["progressToken"]);
      return (token === undefined ? undefined : this.#tokens.get(token)) ?? "nobody";
    }
    if (text.includes(subscriptionId)) {
      const idText = valueAt(text, params, ["_meta", subscriptionId]);
      const subscription = idText === undefined ? undefined : this.#pending.get(idText);
      if (subscription) return subscription;
    }
    return aboutOffer.test(method) ? undefined : this.#last();
  }

  /** Who shares a process cannot be asked anything; but a call that fails for it should be told why. */
  #only(): Pending | undefined {
    return this.#pending.size === 1 ? this.#last() : undefined;
  }

  #last(): Pending | undefined {
    return [...this.#pending.values()].at(-1);
  }

  #ended(reason: string): void {
    this.#end = reason;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#tokens.clear();
    for (const { asker } of pending) asker.broke(true, reason);
    this.#events.ended(reason);
  }
}
