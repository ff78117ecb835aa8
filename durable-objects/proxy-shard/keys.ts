/**
 * The API keys that have their home here: copies of Fleet's records, as rows, so that a restart without Fleet refuses
 * nobody. When a key was last used is written now and then. That a key does not exist is only a guess, held for 2 s.
 */
import type { KeyRecord } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { Flights } from "./flights.ts";
import type { Neighbours } from "./neighbours.ts";
import { Recent } from "./recent.ts";
import type { Store } from "./store.ts";

const missLifeMs = 2_000;
/** How old the written instant of last use may get while a key is in use. */
const lastUseGrainMs = 60_000;

export class Keys {
  readonly #store: Store;
  readonly #neighbours: Neighbours;
  readonly #records = new Recent<KeyRecord>(5_000);
  readonly #misses = new Recent<number>(1_000);
  readonly #pulls = new Flights<Outcome<void>>();
  /** Keys that Fleet sent news of while we were asking for them: its answer may be older than the news. */
  readonly #overtaken = new Set<string>();
  readonly #lastUsed = new Map<string, { at: number; writtenAt: number }>();

  constructor(store: Store, neighbours: Neighbours) {
    this.#store = store;
    this.#neighbours = neighbours;
  }

  get(id: string): KeyRecord | undefined {
    const held = this.#records.get(id);
    if (held) return held;
    const [row] = this.#store.rows<{ record: string }>("SELECT record FROM api_key WHERE id = ?", id);
    if (row === undefined) return undefined;
    const record: KeyRecord = JSON.parse(row.record);
    this.#records.set(id, record);
    return record;
  }

  count(): number {
    return this.#store.rows<{ keys: number }>("SELECT count(*) AS keys FROM api_key")[0]?.keys ?? 0;
  }

  /** Fetches a key that is not here. Most that do not exist are asked for again at once, so a miss is remembered. */
  pull(id: string, now: number): Promise<Outcome<void>> {
    const missedAt = this.#misses.get(id);
    if (missedAt !== undefined && now - missedAt < missLifeMs) return Promise.resolve(failure({ code: "key_invalid" }));
    return this.#pulls.join(id, () => this.#pull(id));
  }

  async #pull(id: string): Promise<Outcome<void>> {
    this.#overtaken.delete(id);
    const found = await this.#neighbours.key(id);
    if (this.#overtaken.delete(id)) return success(undefined);
    if (found.ok) {
      this.#put(found.value);
      return success(undefined);
    }
    if (found.failure.code !== "unknown_key") return found;
    this.#misses.set(id, Date.now());
    return failure({ code: "key_invalid" });
  }

  update(record: KeyRecord): void {
    if (this.#pulls.has(record.id)) this.#overtaken.add(record.id);
    else if (this.get(record.id) === undefined) return;
    this.#put(record);
  }

  forget(id: string): void {
    if (this.#pulls.has(id)) this.#overtaken.add(id);
    this.#records.delete(id);
    this.#lastUsed.delete(id);
    this.#store.rows("DELETE FROM api_key WHERE id = ?", id);
  }

  /** Keys with another home are forgotten: news of them no longer comes here, so what is kept would go stale. */
  keepOnly(isHome: (id: string) => boolean): void {
    for (const { id } of this.#store.rows<{ id: string }>("SELECT id FROM api_key")) if (!isHome(id)) this.forget(id);
  }

  used(id: string, at: number): void {
    const use = this.#lastUsed.get(id);
    if (use) use.at = at;
    else this.#lastUsed.set(id, { at, writtenAt: 0 });
  }

  lastUsed(ids: readonly string[]): Record<string, number> {
    const uses: [string, number][] = [];
    for (const id of ids) {
      const at = this.#lastUsed.get(id)?.at ?? this.#writtenLastUse(id);
      if (at > 0) uses.push([id, at]);
    }
    return Object.fromEntries(uses);
  }

  /** Writes the last uses that are new enough to matter. */
  checkpoint(): void {
    for (const [id, use] of this.#lastUsed) {
      if (use.at - use.writtenAt < lastUseGrainMs) continue;
      use.writtenAt = use.at;
      this.#store.rows("UPDATE api_key SET last_used_at = ? WHERE id = ?", use.at, id);
    }
  }

  #writtenLastUse(id: string): number {
    const [row] = this.#store.rows<{ at: number }>("SELECT last_used_at AS at FROM api_key WHERE id = ?", id);
    return row?.at ?? 0;
  }

  #put(record: KeyRecord): void {
    this.#records.set(record.id, record);
    this.#misses.delete(record.id);
    this.#store.rows(
      "INSERT INTO api_key VALUES (?, ?, 0) ON CONFLICT (id) DO UPDATE SET record = excluded.record",
      record.id,
      JSON.stringify(record),
    );
  }
}
