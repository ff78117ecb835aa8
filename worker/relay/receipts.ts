/**
 * What became of the calls, on its way to the shards: gathered in module memory, sent in batches after the answers have gone.
 * A guess that may vanish: an isolate that ends takes at most half a second of statistics with it.
 */
import type { Receipt } from "../../core/contract/call.ts";
import type { House } from "../house.ts";
import { noteOpen } from "../leases/open-breakers.ts";
import { askShard } from "../objects.ts";
import type { Dialed, Lost } from "./dial.ts";

const flushAfterMs = 500;
/** What speaks ill of a server is told sooner, so that few more call it. */
const hastyAfterMs = 20;
const flushAtCount = 512;
/** A flush that was promised this long ago died with its request. */
const lostAfterMs = 5_000;

let waiting = new Map<number, Receipt[]>();
let count = 0;
let promisedAt = 0;
let hastyAt = 0;

/** `tool`: its name, or the method where there is no tool. `isCallers`: that it failed was its caller's own doing. */
export function settleDialed(
  house: House,
  shard: number,
  dialed: Dialed,
  tool: string,
  bytesIn: number,
  isCallers: boolean,
): void {
  if (dialed.lost) settle(house, shard, lostReceipt(dialed, dialed.lost, tool));
  settle(house, shard, receiptOf(dialed, tool, bytesIn, isCallers));
}

function settle(house: House, shard: number, receipt: Receipt): void {
  const batch = waiting.get(shard);
  if (batch) batch.push(receipt);
  else waiting.set(shard, [receipt]);
  count += 1;
  if (count >= flushAtCount) house.waitUntil(flush(house));
  else if (isUrgent(receipt)) hasten(house, receipt.at);
  else if (receipt.at - promisedAt > lostAfterMs) {
    promisedAt = receipt.at;
    house.waitUntil(flushLater(house));
  }
}

/** A failure, or the answer to whether a server is well again. */
function isUrgent({ result, probe, saysNothing }: Receipt): boolean {
  return probe === true || (result !== "ok" && result !== "tool_error" && !saysNothing);
}

function hasten(house: House, now: number): void {
  if (now - hastyAt < lostAfterMs) return;
  hastyAt = now;
  house.waitUntil(
    scheduler.wait(hastyAfterMs).then(() => {
      hastyAt = 0;
      return flush(house);
    }),
  );
}

async function flushLater(house: House): Promise<void> {
  await scheduler.wait(flushAfterMs);
  promisedAt = 0;
  await flush(house);
}

async function flush(house: House): Promise<void> {
  const batches = waiting;
  waiting = new Map();
  count = 0;
  for (const [shard, receipts] of batches) {
    const told = await askShard(house.env, shard, (stub) => stub.settle(receipts));
    if (told.ok) for (const failure of told.value) noteOpen(failure, Date.now());
  }
}

/** For the breaker of the replica that failed; the call as a whole has a receipt of its own. */
function lostReceipt({ server, endedAt, probe, ...then }: Dialed, { replica, failure }: Lost, tool: string): Receipt {
  const status = failure.code === "server_status" ? { status: failure.status } : {};
  const found = probe && replica !== then.replica ? { probe } : {};
  const about = { server, replica, tool, at: endedAt, latencyMs: 0, bytesIn: 0, bytesOut: 0 };
  return { ...about, result: failure.code, ...status, ...found, wasRepeated: true };
}

function receiptOf(dialed: Dialed, tool: string, bytesIn: number, isCallers: boolean): Receipt {
  const { outcome, server, replica, startedAt, endedAt, probe, connection, lost } = dialed;
  // Another replica has answered in its stead.
  const isProbe = probe && (lost === undefined || lost.replica === replica);
  return {
    server,
    replica,
    tool,
    at: endedAt,
    latencyMs: endedAt - startedAt,
    result: outcome.ok ? (outcome.value.isError ? "tool_error" : "ok") : outcome.failure.code,
    ...(!outcome.ok && outcome.failure.code === "server_status" ? { status: outcome.failure.status } : {}),
    bytesIn,
    bytesOut: outcome.ok ? outcome.value.bytes : 0,
    ...(isProbe ? { probe } : {}),
    ...(connection === undefined || isCallers ? { saysNothing: true } : {}),
    ...(outcome.ok && outcome.value.listChanged ? { listChanged: true } : {}),
  };
}
