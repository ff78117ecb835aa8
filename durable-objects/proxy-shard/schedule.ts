/**
 * One alarm for everything that is due: one instant per server, and one each for the checkpoint, the sweep, the signals, the judging and the checks. All of it
 * is a guess that is made again from rows at start (health.ts, sweep.ts), so the alarm is only ever a wake-up call; it is
 * set when something is due earlier than the alarm that stands, since each setting is a billed write.
 */
const checkpointName = "";
/** No server's id: those have no space in them. */
const sweepName = " ";
const signalsName = "  ";
const judgingName = "   ";
const checksName = "    ";

export interface Due {
  readonly at: number;
  readonly servers: readonly string[];
  readonly checkpoint: boolean;
  readonly sweep: boolean;
  readonly signals: boolean;
  readonly judging: boolean;
  readonly checks: boolean;
}

export class Schedule {
  readonly #storage: DurableObjectStorage;
  readonly #waitUntil: (work: Promise<unknown>) => void;
  readonly #due = new Map<string, number>();
  #alarmAt = Infinity;
  #awake = false;

  constructor(storage: DurableObjectStorage, waitUntil: (work: Promise<unknown>) => void) {
    this.#storage = storage;
    this.#waitUntil = waitUntil;
  }

  /** To be called whenever the object answers. Set in the constructor, an alarm could postpone the one that woke it. */
  wake(): void {
    if (this.#awake) return;
    this.#awake = true;
    this.#arm();
  }

  /** Something is due for a server at this instant and no other. */
  at(server: string, instant: number): void {
    this.#due.set(server, instant);
    this.#arm();
  }

  /** Something is due for a server at this instant at the latest. */
  by(server: string, instant: number): void {
    this.at(server, Math.min(instant, this.#due.get(server) ?? Infinity));
  }

  never(server: string): void {
    this.#due.delete(server);
  }

  checkpointBy(instant: number): void {
    this.by(checkpointName, instant);
  }

  sweepBy(instant: number): void {
    this.by(sweepName, instant);
  }

  signalsBy(instant: number): void {
    this.by(signalsName, instant);
  }

  judgingBy(instant: number): void {
    this.by(judgingName, instant);
  }

  checksBy(instant: number): void {
    this.by(checksName, instant);
  }

  /**
   * The alarm has fired: what was due then, struck off the list. It counts as its own instant even when the clock has
   * not quite got there. Until `wake` is called again no new alarm is set.
   */
  takeDue(now: number): Due {
    const at = this.#alarmAt === Infinity ? now : Math.max(now, this.#alarmAt);
    this.#alarmAt = Infinity;
    this.#awake = false;
    const names = new Set([...this.#due].filter(([, instant]) => instant <= at).map(([name]) => name));
    for (const name of names) this.#due.delete(name);
    const [checkpoint, sweep] = [names.delete(checkpointName), names.delete(sweepName)];
    const [signals, judging] = [names.delete(signalsName), names.delete(judgingName)];
    const checks = names.delete(checksName);
    return { at, servers: [...names], checkpoint, sweep, signals, judging, checks };
  }

  #arm(): void {
    if (!this.#awake) return;
    const next = Math.min(...this.#due.values());
    if (next >= this.#alarmAt) return;
    this.#alarmAt = next;
    // Unconfirmed: nobody's answer waits for the wake-up call to be on disk, since the rows tell what is due.
    this.#waitUntil(this.#storage.setAlarm(next, { allowUnconfirmed: true }));
  }
}
