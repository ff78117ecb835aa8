/** One running server process: lines in, lines out, and a reason when it ends. */
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import spawn from "cross-spawn";
import { environmentWith } from "./environment.ts";
import { guard } from "./guard.ts";
import { LineSplitter, largestLine } from "./line-splitter.ts";

/** How long it may take to end by itself once its input has ended, and again after SIGTERM. */
const graceMs = 1_000;
/** What it wrote before it ended may still be on its way. */
const lastWordsMs = 100;
const mostUnread = 64 * 1024 * 1024;
const longestLog = 2_000;

export interface ProgramSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface ProgramEvents {
  line(text: string, isIntact: boolean): void;
  log(line: string): void;
  /** Once, also when it could not be started. */
  ended(reason: string): void;
}

export class Program {
  readonly #spec: ProgramSpec;
  readonly #events: ProgramEvents;
  readonly #child: ChildProcess;
  readonly #gone = Promise.withResolvers<void>();
  #isOver = false;
  #lastLog = "";
  /** Why we ended it, when we did. */
  #verdict = "";

  constructor(spec: ProgramSpec, events: ProgramEvents) {
    this.#spec = spec;
    this.#events = events;
    this.#child = spawn(spec.command, [...spec.args], {
      stdio: ["pipe", "pipe", "pipe"],
      env: environmentWith(spec.env),
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
      windowsHide: true,
      // A group of its own: programs such as npx start the server proper, which has to end with them; and Ctrl-C is for us.
      detached: process.platform !== "win32",
    });
    guard.watch(this.#child.pid);
    this.#listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False: it will never see this. */
  write(line: string): boolean {
    const { stdin } = this.#child;
    if (this.#isOver || !stdin?.writable || stdin.writableLength > mostUnread) return false;
    stdin.write(`${line}\n`);
    return true;
  }

  hold(): void {
    this.#child.stdout?.pause();
  }

  goOn(): void {
    this.#child.stdout?.resume();
  }

  /** Asks it to end, then insists. `verdict`: what is told as the reason. */
  async stop(verdict: string): Promise<void> {
    this.#verdict ||= verdict;
    this.goOn();
    this.#child.stdin?.end();
    const timers = [
      setTimeout(() => this.#signal("SIGTERM"), graceMs),
      setTimeout(() => this.#signal("SIGKILL"), graceMs * 2),
    ];
    await this.#gone.promise;
    for (const timer of timers) clearTimeout(timer);
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    const out = new LineSplitter();
    stdout?.on("data", (chunk: Buffer) => {
      if (!out.push(chunk, (text, isIntact) => this.#events.line(text, isIntact))) this.#tooLong();
    });
    const log = new LineSplitter();
    stderr?.on("data", (chunk: Buffer) => log.push(chunk, (text) => this.#log(text)));
    // Writing to a program that has just ended is no news.
    for (const stream of [stdin, stdout, stderr]) stream?.on("error", () => undefined);
    this.#child.once("error", (error) => this.#over(this.#whyNot(error)));
    this.#child.once("exit", (code, signal) => {
      const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
      const over = (): void => this.#over(this.#lastLog === "" ? how : `${how}: ${this.#lastLog}`);
      this.#child.once("close", over);
      setTimeout(over, lastWordsMs);
    });
  }

  #tooLong(): void {
    this.#child.stdout?.removeAllListeners("data");
    void this.stop(`wrote a line of more than ${largestLine / 1_048_576} MiB`);
    this.#signal("SIGKILL");
  }

  #log(text: string): void {
    const line = text.slice(0, longestLog);
    this.#lastLog = line.slice(0, 300);
    this.#events.log(line);
  }

  #whyNot(error: Error): string {
    const { command, cwd } = this.#spec;
    if (cwd !== undefined && !existsSync(cwd)) return `cannot start: the folder ${cwd} does not exist`;
    const code = "code" in error ? error.code : "";
    if (code === "ENOENT") return `cannot start: there is no program '${command}'`;
    if (code === "EACCES") return `cannot start: '${command}' may not be run`;
    return `cannot start: ${error.message}`;
  }

  #over(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // What it started and left behind.
    this.#signal("SIGKILL");
    guard.forget(this.#child.pid);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#gone.resolve();
    this.#events.ended(this.#verdict || reason);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // Nobody is left in its group.
    }
  }
}
