/**
 * Tells shards what they are owed. Nothing here can fail a write that is already acknowledged: what does not arrive
 * stays in the outbox, and the alarm tries again, less and less often, until it does.
 */
import { backoffMs } from "../../core/policies/backoff.ts";
import { chunksOf } from "./chunks.ts";
import type { Alerting } from "./alerting.ts";
import type { KeyRows } from "./keys.ts";
import type { Debt, News, Outbox } from "./outbox.ts";
import type { Placement } from "./placement.ts";
import type { ServerRows } from "./servers.ts";
import type { CallShard } from "./shard-line.ts";

const attemptMs = 2_000;
const backoff = { baseMs: 1_000, capMs: 300_000 };
const mostPerMessage = 50;

/** Messages to targets that a busy lane cannot take at once must not ring the alarm without pause. */
const leastAlertMs = 1_000;

interface PublisherRows {
  readonly servers: ServerRows;
  readonly keys: KeyRows;
  readonly placement: Placement;
  readonly alerting: Pick<Alerting, "nextDueAt">;
}

export class Publisher {
  readonly #storage: DurableObjectStorage;
  readonly #callShard: CallShard;
  readonly #rows: PublisherRows;
  readonly #outbox: Outbox;

  constructor(storage: DurableObjectStorage, callShard: CallShard, rows: PublisherRows, outbox: Outbox) {
    this.#storage = storage;
    this.#callShard = callShard;
    this.#rows = rows;
    this.#outbox = outbox;
  }

  /**
   * Servers before maps: a map must never name an owner that has not heard of the server. And of the maps, those of
   * shards that have just been given servers go first: an old owner may let go only when the new one knows its part.
   */
  async deliver(debts: readonly Debt[], receivers: ReadonlySet<number> = new Set()): Promise<void> {
    const [maps, rest] = [debts.filter(({ what }) => what === "map"), debts.filter(({ what }) => what !== "map")];
    const silent = new Set<number>();
    await this.#round(rest, silent);
    await this.#round(
      maps.filter(({ shard }) => receivers.has(shard)),
      silent,
    );
    await this.#round(
      maps.filter(({ shard }) => !receivers.has(shard)),
      silent,
    );
    await this.schedule();
  }

  /** Called in the turn of a write, it sets the alarm in that write's transaction. */
  async schedule(): Promise<void> {
    const now = Date.now();
    const alerts = this.#rows.alerting.nextDueAt(now);
    const next = Math.min(
      this.#outbox.nextDueAt() ?? Infinity,
      alerts === undefined ? Infinity : Math.max(alerts, now + leastAlertMs),
    );
    await (next === Infinity ? this.#storage.deleteAlarm() : this.#storage.setAlarm(next));
  }

  async #round(debts: readonly Debt[], silent: Set<number>): Promise<void> {
    const lines = Map.groupBy(debts, (debt) => debt.shard);
    await Promise.all([...lines].map(([shard, owed]) => this.#pay(shard, owed, silent)));
  }

  /** One silence is enough: asking the same shard again at once would only make the writer wait longer. */
  async #pay(shard: number, owed: readonly Debt[], silent: Set<number>): Promise<void> {
    if (silent.has(shard)) return this.#putOff(owed);
    const messages = [...Map.groupBy(owed, (debt) => debt.what)].flatMap(([what, debts]) =>
      chunksOf(debts, mostPerMessage).map((chunk) => ({ what, chunk })),
    );
    for (const [sent, { what, chunk }] of messages.entries()) {
      try {
        await this.#send(shard, what, chunk);
        this.#outbox.paid(chunk);
      } catch (error) {
        silent.add(shard);
        this.#putOff(messages.slice(sent).flatMap((message) => message.chunk));
        console.warn(`shard ${shard} could not be told of ${what}, will try again: ${String(error)}`);
        return;
      }
    }
  }

  /** Reads what is true now, not what was true when the debt was made. */
  async #send(shard: number, what: News, debts: readonly Debt[]): Promise<void> {
    const { servers, keys, placement } = this.#rows;
    if (what === "map") {
      await this.#callShard(shard, attemptMs, (stub) => stub.publish(placement.map(), placement.defaultLimit()));
    } else if (what === "key") {
      for (const { subject } of debts) {
        const record = keys.find(subject);
        if (record) await this.#callShard(shard, attemptMs, (stub) => stub.updateKey(record));
      }
    } else {
      const found = debts.map(({ subject }) => ({ id: subject, placed: servers.find(subject) }));
      const owned = found.flatMap(({ placed }) => (placed?.shard === shard ? [placed.record] : []));
      const gone = found.filter(({ placed }) => placed?.shard !== shard).map(({ id }) => id);
      if (owned.length > 0) await this.#callShard(shard, attemptMs, (stub) => stub.own(owned));
      if (gone.length > 0) await this.#callShard(shard, attemptMs, (stub) => stub.disown(gone));
    }
  }

  #putOff(debts: readonly Debt[]): void {
    const attempts = Math.max(...debts.map((debt) => debt.attempts));
    this.#outbox.postpone(debts, Date.now() + backoffMs(attempts, Math.random(), backoff));
  }
}
