/**
 * The first page of `tools/list` at /mcp, with 170 servers of ten tools each, beside a bare object that sends the same
 * bytes by RPC; and once more while 20 of the servers hang. Asked for with `--lists`. The servers are real to the
 * gateway: it has met each of them and read its catalog.
 */
import { startFleet, type FleetSimulator } from "../test/support/fleet-simulator.ts";
import { admin, legacyDoor, modernDoor } from "./contenders.ts";
import { fire, type Shot, type Volley } from "./load.ts";
import { medianOf, round3, type Summary } from "./median.ts";
import { openStage, type Stage } from "./stage.ts";

const servers = 170;
const tools = 10;
const hung = 20;
/** A server that hangs is given up soon, so that many tries fall into the measurement. */
const timeoutMs = 2_000;
const connections = 1;

const contenders = ["bare", "modern", "legacy"] as const;
type Contender = (typeof contenders)[number];

export interface Lists {
  readonly lists: Readonly<Record<"well" | "hung", Readonly<Record<Contender, Summary>>>>;
  /** Of medians of p50; how many times as long. */
  readonly modernOverBare: number;
  readonly legacyOverBare: number;
  readonly modernOverBareHung: number;
  readonly legacyOverBareHung: number;
  readonly pageBytes: number;
  readonly stale: number;
}

export async function measureLists(volleyMs: number, rounds: number): Promise<Lists> {
  const fleet = await startFleet({ servers, tools });
  const stage = await openStage(fleet.url(0));
  try {
    const shots = await prepare(stage, fleet);
    for (const contender of contenders) await fire(shots[contender], connections, 2_000);
    const well = await interleave(shots, volleyMs, rounds);
    const numbers = Array.from({ length: hung }, (_, n) => n * Math.floor(servers / hung));
    fleet.hang(numbers);
    // The gateway is made to find out about every one of them, and goes on trying.
    await Promise.all(numbers.map((n) => admin(stage, "POST", `/servers/${fleet.id(n)}:check`)));
    const stale = await untilDown(stage);
    const sick = await interleave(await prepareShots(stage), volleyMs, rounds);
    const over = (each: Record<Contender, Summary>, one: Contender) => round3(each[one].p50Ms / each.bare.p50Ms);
    return {
      lists: { well, hung: sick },
      modernOverBare: over(well, "modern"),
      legacyOverBare: over(well, "legacy"),
      modernOverBareHung: over(sick, "modern"),
      legacyOverBareHung: over(sick, "legacy"),
      pageBytes: Buffer.byteLength(await pageOf(shots.modern)),
      stale,
    };
  } finally {
    await stage.close();
    await fleet.stop();
  }
}

async function prepare(on: Stage, fleet: FleetSimulator): Promise<Record<Contender, Shot>> {
  for (let n = 0; n < servers; n += 1) {
    await admin(on, "POST", "/servers?wait=ready", { id: fleet.id(n), url: fleet.url(n), timeoutMs });
  }
  return prepareShots(on);
}

/** The bare object is given the very page that the gateway answers with, be it marked stale in part. */
async function prepareShots(on: Stage): Promise<Record<Contender, Shot>> {
  const limit = { perMinute: 10_000_000, burst: 1_000_000 };
  const made = await admin(on, "POST", "/keys", { name: "lists", scopes: ["tools:list"], limit });
  const authorization = `Bearer ${String(made["key"])}`;
  // What every right answer contains: the last tool of the first thousand.
  const expect = '"nextCursor":"';
  const modern = { ...modernDoor(on.gateway, authorization, "tools/list", {}), expect };
  const legacy = { ...(await legacyDoor(on.gateway, authorization, "tools/list", {})), expect };
  const page = await pageOf(modern);
  if (page.split('"inputSchema"').length !== 1_001) throw new Error("the first page is not a thousand tools");
  const at = { host: "127.0.0.1", port: on.object, path: "/page" };
  await fetch(`http://${at.host}:${at.port}${at.path}`, { method: "PUT", body: page });
  return { bare: { ...at, headers: {}, body: modern.body, expect }, modern, legacy };
}

async function pageOf({ host, port, path, headers, body }: Shot): Promise<string> {
  const own: Record<string, string> = { "content-type": "application/json", ...headers };
  const sent = typeof body === "string" ? body : body(0);
  const answered = await fetch(`http://${host}:${port}${path}`, { method: "POST", headers: own, body: sent });
  const text = await answered.text();
  if (!answered.ok) throw new Error(`tools/list: ${answered.status} ${text.slice(0, 300)}`);
  return text;
}

async function interleave(
  shots: Record<Contender, Shot>,
  volleyMs: number,
  rounds: number,
): Promise<Record<Contender, Summary>> {
  const volleys: Record<Contender, Volley[]> = { bare: [], modern: [], legacy: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const contender = contenders[(round + turn) % contenders.length] ?? "bare";
      volleys[contender].push(await fire(shots[contender], connections, volleyMs));
    }
  }
  return { bare: medianOf(volleys.bare), modern: medianOf(volleys.modern), legacy: medianOf(volleys.legacy) };
}

/** Answers how many servers the gateway takes for down then. */
async function untilDown(on: Stage): Promise<number> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { states } = (await admin(on, "GET", "/servers/count")) as { states?: Readonly<Record<string, number>> };
    if ((states?.["down"] ?? 0) >= hung) return states?.["down"] ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the gateway has not noticed that servers hang");
}
