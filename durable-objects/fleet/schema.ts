/**
 * The control plane's tables. Every row here is a promise: it was acknowledged, so it survives any restart.
 * Nothing in this object is a guess that may vanish; what shards make of these rows is theirs.
 * What each column is for: docs/reference/storage.md.
 */
import { initialLimit } from "../../core/contract/settings.ts";
import { applyMigrations, type MigrationStep } from "../migrations.ts";
import { alerts } from "./schema-alerts.ts";

/** Append only: a step that has run anywhere is never edited. */
export const steps: readonly MigrationStep[] = [
  {
    name: "fleet, servers, keys, audit, outbox",
    sql: `
      CREATE TABLE fleet (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        revision INTEGER NOT NULL,
        shards TEXT NOT NULL,
        previous_shards TEXT NOT NULL,
        overrides TEXT NOT NULL,
        limit_per_minute INTEGER,
        limit_burst INTEGER
      ) STRICT;

      CREATE TABLE server (
        id TEXT PRIMARY KEY NOT NULL,
        shard INTEGER NOT NULL,
        record TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX server_by_folded_id ON server (id COLLATE NOCASE);
      CREATE INDEX server_by_shard ON server (shard);

      CREATE TABLE api_key (
        id TEXT PRIMARY KEY NOT NULL,
        record TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        request_id TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        detail TEXT NOT NULL
      ) STRICT;

      CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        shard INTEGER NOT NULL,
        what TEXT NOT NULL,
        subject TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        UNIQUE (shard, what, subject)
      ) STRICT;
    `,
  },
  {
    name: "toolsets",
    sql: `
      CREATE TABLE toolset (
        id TEXT PRIMARY KEY NOT NULL,
        record TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX toolset_by_folded_id ON toolset (id COLLATE NOCASE);
    `,
  },
  alerts,
];

const defaultShardCount = 3;
export const mostShards = 256;

/** Brings the tables up to date. True on first use, when there was no fleet yet. */
export function openFleet(sql: SqlStorage, shardCount: string | undefined): boolean {
  applyMigrations(sql, steps);
  if (sql.exec("SELECT one FROM fleet").toArray().length > 0) return false;
  sql.exec(
    "INSERT INTO fleet VALUES (1, 1, ?, '[]', '{}', ?, ?)",
    JSON.stringify(numbersUpTo(firstShardCount(shardCount))),
    initialLimit.perMinute,
    initialLimit.burst,
  );
  return true;
}

export function numbersUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** The environment only says how a fleet begins: from then on the row decides, and `setShards` changes it. */
function firstShardCount(text: string | undefined): number {
  const count = Number(text ?? defaultShardCount);
  if (Number.isInteger(count) && count >= 1 && count <= mostShards) return count;
  console.warn(`SHARD_COUNT must be a whole number from 1 to ${mostShards}; starting with ${defaultShardCount}`);
  return defaultShardCount;
}
