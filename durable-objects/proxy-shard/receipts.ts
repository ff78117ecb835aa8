/**
 * What became of the calls, per server: counted in memory, written by the alarm once things are quiet. A crash loses
 * the counts since then; they are statistics, and no promise hangs on them.
 */
import type { Receipt } from "../../core/contract/call.ts";
import type { Traffic } from "../../core/contract/shard-rpc.ts";
import { Latencies } from "./latencies.ts";
import type { Column, Store } from "./store.ts";

interface Tally {
  calls: number;
  failures: number;
  bytesIn: number;
  bytesOut: number;
  lastSuccessAt: number;
  readonly latencies: Latencies;
  dirty: boolean;
}

interface TrafficRow extends Record<string, Column> {
  readonly server: string;
  readonly calls: number;
  readonly failures: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly last_success_at: number | null;
  readonly latencies: string;
}

/** A tool that says `isError` was reached and answered: its caller's failure, not its server's. */
export function hasFailed(receipt: Receipt): boolean {
  return receipt.result !== "ok" && receipt.result !== "tool_error";
}

export class Receipts {
  readonly #store: Store;
  readonly #tallies = new Map<string, Tally>();

  constructor(store: Store) {
    this.#store = store;
    for (const row of store.rows<TrafficRow>("SELECT * FROM traffic")) this.#tallies.set(row.server, tallyFrom(row));
  }

  add(receipt: Receipt): void {
    const tally = this.#tallies.get(receipt.server) ?? emptyTally();
    this.#tallies.set(receipt.server, tally);
    tally.calls += 1;
    tally.bytesIn += receipt.bytesIn;
    tally.bytesOut += receipt.bytesOut;
    tally.latencies.add(receipt.latencyMs);
    if (hasFailed(receipt)) tally.failures += 1;
    else tally.lastSuccessAt = Math.max(tally.lastSuccessAt, receipt.at);
    tally.dirty = true;
  }

  lastSuccessAt(server: string): number | undefined {
    return this.#tallies.get(server)?.lastSuccessAt || undefined;
  }

  traffic(server: string): Traffic {
    return trafficOf([this.#tallies.get(server) ?? emptyTally()]);
  }

  total(): Traffic {
    return trafficOf([...this.#tallies.values()]);
  }

  /** What has been counted of a server, as text for its next owner. */
  pack(server: string): string | undefined {
    const tally = this.#tallies.get(server);
    return tally && JSON.stringify({ ...tally, latencies: tally.latencies.counts() });
  }

  unpack(server: string, packed: string): void {
    const contents: Omit<Tally, "latencies"> & { latencies: number[] } = JSON.parse(packed);
    const { latencies, ...sums } = contents;
    this.#tallies.set(server, { ...sums, latencies: new Latencies(latencies), dirty: true });
  }

  drop(server: string): void {
    if (this.#tallies.delete(server)) this.#store.rows("DELETE FROM traffic WHERE server = ?", server);
  }

  checkpoint(): void {
    for (const [server, tally] of this.#tallies) {
      if (!tally.dirty) continue;
      tally.dirty = false;
      this.#store.rows(
        "INSERT OR REPLACE INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?)",
        server,
        tally.calls,
        tally.failures,
        tally.bytesIn,
        tally.bytesOut,
        tally.lastSuccessAt || null,
        JSON.stringify(tally.latencies.counts()),
      );
    }
  }
}

function emptyTally(): Tally {
  return { calls: 0, failures: 0, bytesIn: 0, bytesOut: 0, lastSuccessAt: 0, latencies: new Latencies(), dirty: false };
}

function tallyFrom(row: TrafficRow): Tally {
  return {
    calls: row.calls,
    failures: row.failures,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
    lastSuccessAt: row.last_success_at ?? 0,
    latencies: new Latencies(JSON.parse(row.latencies)),
    dirty: false,
  };
}

function trafficOf(tallies: readonly Tally[]): Traffic {
  const latencies = new Latencies();
  const sums = { calls: 0, failures: 0, bytesIn: 0, bytesOut: 0 };
  for (const tally of tallies) {
    latencies.addAll(tally.latencies);
    sums.calls += tally.calls;
    sums.failures += tally.failures;
    sums.bytesIn += tally.bytesIn;
    sums.bytesOut += tally.bytesOut;
  }
  const percentiles = [0.5, 0.9, 0.99].map((share) => latencies.percentile(share));
  const [p50Ms = 0, p90Ms = 0, p99Ms = 0] = percentiles;
  return { ...sums, p50Ms, p90Ms, p99Ms };
}
