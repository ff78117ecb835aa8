/**
 * The one process that serves everybody who declares no capabilities: started, introduced, started again when it ends,
 * or, when it is lazy, started on demand and ended when nobody needs it. Nothing of it survives the connector.
 */
import { backoffMs } from "../../core/policies/backoff.ts";
import type { LocalState } from "../local-server.ts";
import { Dialogue, type DialogueEvents } from "./dialogue.ts";
import { introduce, type Introduced } from "./introduction.ts";
import type { ProgramSpec } from "./program.ts";
import { startingSlot } from "./starting-slot.ts";

const restart = { baseMs: 500, capMs: 60_000 };
/** Of one that could be spoken to before it ended: callers wait for it. */
const revival = { baseMs: 500, capMs: 5_000 };
/** Ends in a row, after which it counts as down even while it comes back each time. */
const mostRevivals = 5;
/** A process that lived this long after its introduction was well. */
const wellMs = 60_000;
const slowMs = 5_000;
const introductionMs = 60_000;
/** A caller waits for a restart that is due by then. */
const patienceMs = 5_000;

export type Ready =
  | { readonly is: "ready"; readonly dialogue: Dialogue; readonly introduced: Exclude<Introduced, { is: "failed" }> }
  | { readonly is: "down"; readonly reason: string };

export interface SharedEvents extends Pick<DialogueEvents, "aside" | "noise" | "log"> {
  changed(state: LocalState, reason: string): void;
  /** What its clients knew of it is void. */
  lost(): void;
}

export class SharedProcess {
  readonly #spec: ProgramSpec;
  /** Of a lazy one: how long it runs without a call. */
  readonly #idleMs: number | undefined;
  readonly #events: SharedEvents;
  #dialogue: Dialogue | undefined;
  #introduced: Exclude<Introduced, { is: "failed" }> | undefined;
  #starting: Promise<Ready> | undefined;
  #nextStart: { readonly at: number; readonly timer: NodeJS.Timeout | undefined } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #attempt = 0;
  #readyAt = 0;
  #lastReason = "";
  #stopped = false;
  #isDown = false;
  #leaving: Promise<void> | undefined;
  /** Found out once; a restart need not ask again. */
  #era: "modern" | "legacy" | undefined;

  constructor(spec: ProgramSpec, idleMs: number | undefined, events: SharedEvents) {
    this.#spec = spec;
    this.#idleMs = idleMs;
    this.#events = events;
  }

  get era(): "modern" | "legacy" | undefined {
    return this.#era;
  }

  start(): void {
    if (this.#idleMs !== undefined) this.#events.changed("idle", "");
    else void this.#start();
  }

  /** The process, once it can be spoken to. Starts it when that is due. */
  async ready(): Promise<Ready> {
    if (this.#stopped) return { is: "down", reason: "the connector stops" };
    if (this.#dialogue && this.#introduced && !this.#dialogue.isOver) {
      this.#used();
      return { is: "ready", dialogue: this.#dialogue, introduced: this.#introduced };
    }
    if (this.#starting) return await this.#starting;
    const waitMs = (this.#nextStart?.at ?? 0) - performance.now();
    if (waitMs > patienceMs) return { is: "down", reason: this.#lastReason };
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    return this.#stopped ? { is: "down", reason: "the connector stops" } : await this.#start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#nextStart?.timer);
    clearTimeout(this.#idle);
    await Promise.all([this.#dialogue?.stop("the connector stops"), this.#leaving]);
  }

  #start(): Promise<Ready> {
    clearTimeout(this.#nextStart?.timer);
    this.#nextStart = undefined;
    this.#starting ??= this.#startOnce().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async #startOnce(): Promise<Ready> {
    // Trying again is no news while it is down.
    if (!this.#isDown) this.#events.changed("starting", this.#lastReason);
    const knew = this.#era;
    let found = await this.#attemptStart();
    // Some programs end at a first question that is not `initialize`; they get another chance to hear that one.
    if (found.is === "failed" && knew === undefined && this.#era === undefined && !this.#stopped) {
      this.#era = "legacy";
      found = await this.#attemptStart();
    }
    const dialogue = this.#dialogue;
    if (found.is === "failed" || !dialogue || dialogue.isOver) {
      const reason = found.is === "failed" ? found.reason : this.#lastReason;
      // Perhaps it is another program by now.
      this.#era = undefined;
      await dialogue?.stop(reason);
      this.#down(reason, false);
      return { is: "down", reason };
    }
    this.#introduced = found;
    this.#era = found.is;
    this.#readyAt = performance.now();
    this.#lastReason = "";
    this.#isDown = false;
    this.#events.changed("ready", "");
    this.#used();
    return { is: "ready", dialogue, introduced: found };
  }

  async #attemptStart(): Promise<Introduced> {
    const release = await startingSlot();
    if (this.#stopped) {
      release();
      return { is: "failed", reason: "the connector stops" };
    }
    const dialogue: Dialogue = new Dialogue(this.#spec, false, {
      aside: (text, isRequest) => this.#events.aside(text, isRequest),
      noise: (text) => this.#events.noise(text),
      log: (line) => this.#events.log(line),
      alive: () => undefined,
      ended: (reason) => this.#ended(dialogue, reason),
    });
    this.#dialogue = dialogue;
    const slow = setTimeout(() => {
      release();
      this.#events.changed(this.#isDown ? "down" : "starting", "does not answer initialize yet");
    }, slowMs);
    const hangs = setTimeout(() => {
      void dialogue.stop(`does not answer initialize within ${introductionMs / 1_000} s`);
    }, introductionMs);
    const found = await introduce(dialogue, this.#era);
    release();
    clearTimeout(slow);
    clearTimeout(hangs);
    return found;
  }

  /** After its introduction; before, whoever introduces it hears of it. */
  #ended(dialogue: Dialogue, reason: string): void {
    this.#lastReason = reason;
    if (this.#starting || dialogue !== this.#dialogue || this.#stopped) return;
    this.#dialogue = undefined;
    this.#introduced = undefined;
    this.#events.lost();
    if (performance.now() - this.#readyAt > wellMs) this.#attempt = 0;
    this.#down(reason, true);
  }

  #down(reason: string, wasReady: boolean): void {
    this.#lastReason = reason;
    if (this.#stopped) return;
    const waitMs = backoffMs(this.#attempt, Math.random(), wasReady ? revival : restart);
    this.#attempt += 1;
    this.#isDown = !wasReady || this.#attempt > mostRevivals;
    const at = performance.now() + waitMs;
    // Nobody calls what is down, so a lazy one has to offer itself again.
    const act = this.#idleMs === undefined ? () => void this.#start() : () => this.#offerAgain(reason);
    this.#nextStart = { at, timer: setTimeout(act, waitMs) };
    this.#events.changed(this.#isDown ? "down" : "starting", reason);
  }

  #offerAgain(reason: string): void {
    this.#isDown = false;
    this.#events.changed("idle", reason);
  }

  #used(): void {
    if (this.#idleMs === undefined) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const dialogue = this.#dialogue;
      if (!dialogue || dialogue.isOver) return;
      if (dialogue.busy > 0) return this.#used();
      // Its sessions stay: the next call starts it again, and nobody need know.
      this.#dialogue = undefined;
      this.#events.changed("idle", "");
      this.#leaving = dialogue.stop("it was idle");
    }, this.#idleMs);
  }
}
