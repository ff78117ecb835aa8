/**
 * At most five outgoing dials at once: an object may have six connections waiting for response headers, and a seventh
 * would wait unseen (Workers platform limits; local workerd never enforces it). Hung servers may not take all of them:
 * upkeep leaves one to callers who wait, retries of servers that are down take two at most, and so does any one server.
 */
export type Errand = "caller" | "upkeep" | "retry";

const usualMost = 5;
const mostPerServer = 2;
const order: readonly Errand[] = ["caller", "upkeep", "retry"];

interface Elsewhere {
  readonly slots: DialSlots;
  has(server: string): boolean;
}

interface Waiter {
  readonly server: string;
  errand: Errand;
  start(errand: Errand): void;
}

export class DialSlots {
  readonly #busy: Record<Errand, number> = { caller: 0, upkeep: 0, retry: 0 };
  readonly #busyAt = new Map<string, number>();
  #waiting: Waiter[] = [];
  readonly #hurried = new Set<string>();
  readonly #mostOf: Readonly<Record<Errand, number>>;
  readonly #elsewhere: Elsewhere | undefined;

  /** `elsewhere`: servers that are not dialled from here at all, and so have slots of their own. */
  constructor(most = usualMost, elsewhere?: Elsewhere) {
    this.#mostOf = { caller: most, upkeep: most - 1, retry: Math.floor(most / 2) };
    this.#elsewhere = elsewhere;
  }

  async use<Result>(server: string, errand: Errand, dial: () => Promise<Result>): Promise<Result> {
    if (this.#elsewhere?.has(server)) return this.#elsewhere.slots.use(server, errand, dial);
    const taken = await this.#take(server, errand);
    try {
      return await dial();
    } finally {
      this.#busy[taken] -= 1;
      this.#count(server, -1);
      this.#startWaiting();
    }
  }

  /** Somebody waits for this server now: until `calm`, what was mere upkeep goes to the front. */
  hurry(server: string): void {
    if (this.#elsewhere?.has(server)) return this.#elsewhere.slots.hurry(server);
    this.#hurried.add(server);
    for (const waiter of this.#waiting) if (waiter.server === server) waiter.errand = "caller";
    this.#startWaiting();
  }

  calm(server: string): void {
    if (this.#elsewhere?.has(server)) return this.#elsewhere.slots.calm(server);
    this.#hurried.delete(server);
  }

  #take(server: string, errand: Errand): Promise<Errand> {
    return new Promise((start) => {
      this.#waiting.push({ server, errand: this.#hurried.has(server) ? "caller" : errand, start });
      this.#startWaiting();
    });
  }

  #startWaiting(): void {
    for (const errand of order) {
      for (const waiter of this.#waiting.filter((one) => one.errand === errand)) {
        if (!this.#hasRoom(errand)) break;
        if ((this.#busyAt.get(waiter.server) ?? 0) >= mostPerServer) continue;
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        this.#busy[errand] += 1;
        this.#count(waiter.server, 1);
        waiter.start(errand);
      }
    }
  }

  #count(server: string, change: 1 | -1): void {
    const busy = (this.#busyAt.get(server) ?? 0) + change;
    if (busy > 0) this.#busyAt.set(server, busy);
    else this.#busyAt.delete(server);
  }

  #hasRoom(errand: Errand): boolean {
    const { caller, upkeep, retry } = this.#busy;
    return caller + upkeep + retry < this.#mostOf.caller && this.#busy[errand] < this.#mostOf[errand];
  }
}
