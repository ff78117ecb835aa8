/**
 * A shard's tables. What is a row here survives a restart; everything else a shard knows is a guess that may vanish.
 * Servers, keys and the map are copies of what Fleet keeps, so a lost disk heals; connections, catalogs, health,
 * buckets, traffic and clients' sessions are the shard's own. What each column is for: docs/reference/storage.md.
 */
import type { MigrationStep } from "../migrations.ts";
import { signalStep } from "./schema-signals.ts";

/** Append only: a step that has run anywhere is never edited. */
export const steps: readonly MigrationStep[] = [
  {
    name: "placement, keys, buckets, servers, connections, catalogs, traffic",
    sql: `
      CREATE TABLE placement (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        map TEXT NOT NULL,
        default_limit TEXT NOT NULL
      ) STRICT;

      CREATE TABLE api_key (
        id TEXT PRIMARY KEY NOT NULL,
        record TEXT NOT NULL,
        last_used_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE bucket (
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        level REAL NOT NULL,
        at INTEGER NOT NULL,
        outstanding TEXT NOT NULL,
        PRIMARY KEY (owner, name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE server (
        id TEXT PRIMARY KEY NOT NULL,
        record TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE connection (
        server TEXT NOT NULL,
        replica TEXT NOT NULL,
        generation INTEGER NOT NULL,
        url TEXT NOT NULL,
        kind TEXT NOT NULL,
        era TEXT NOT NULL,
        protocol_version TEXT NOT NULL,
        session_id TEXT,
        network TEXT NOT NULL,
        capabilities TEXT NOT NULL,
        server_name TEXT,
        server_version TEXT,
        negotiated_at INTEGER NOT NULL,
        PRIMARY KEY (server, replica)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE catalog (
        server TEXT PRIMARY KEY NOT NULL,
        seen_at INTEGER NOT NULL,
        ttl_ms INTEGER,
        faults TEXT NOT NULL,
        tools INTEGER NOT NULL,
        prompts INTEGER NOT NULL,
        resources INTEGER NOT NULL,
        templates INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE tool (
        id INTEGER PRIMARY KEY,
        qualified TEXT NOT NULL UNIQUE,
        server TEXT NOT NULL,
        name TEXT NOT NULL,
        facts TEXT NOT NULL,
        description TEXT NOT NULL,
        definition TEXT NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX tool_by_server ON tool (server, name);
      CREATE INDEX tool_by_name ON tool (name);

      CREATE VIRTUAL TABLE tool_words USING fts5 (
        name, description, server, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
      );

      CREATE TABLE entry (
        server TEXT NOT NULL,
        what TEXT NOT NULL,
        place INTEGER NOT NULL,
        name TEXT NOT NULL,
        definition TEXT NOT NULL,
        PRIMARY KEY (server, what, place)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE traffic (
        server TEXT PRIMARY KEY NOT NULL,
        calls INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        bytes_in INTEGER NOT NULL,
        bytes_out INTEGER NOT NULL,
        last_success_at INTEGER,
        latencies TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "sessions, conversations, introductions, entries by name",
    sql: `
      CREATE TABLE session (
        id TEXT PRIMARY KEY NOT NULL,
        ended INTEGER NOT NULL,
        log_level TEXT,
        subscriptions TEXT NOT NULL,
        ends_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX session_by_end ON session (ends_at);

      CREATE TABLE conversation (
        server TEXT NOT NULL,
        replica TEXT NOT NULL,
        id TEXT NOT NULL,
        generation INTEGER NOT NULL,
        url TEXT NOT NULL,
        protocol_version TEXT NOT NULL,
        session_id TEXT,
        network TEXT NOT NULL,
        used_at INTEGER NOT NULL,
        PRIMARY KEY (server, replica, id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE introduction (
        server TEXT PRIMARY KEY NOT NULL,
        capabilities TEXT NOT NULL,
        instructions TEXT
      ) STRICT, WITHOUT ROWID;

      CREATE INDEX entry_by_name ON entry (what, name, server);
    `,
  },
  {
    name: "claims on idempotency keys",
    sql: `
      CREATE TABLE claim (
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        attempt TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        server TEXT NOT NULL,
        deadline_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        sealed TEXT,
        PRIMARY KEY (owner, name)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX claim_by_end ON claim (ends_at);
    `,
  },
  {
    name: "what connectors offer",
    sql: `
      CREATE TABLE connector_offer (
        connector TEXT PRIMARY KEY NOT NULL,
        version TEXT NOT NULL,
        servers TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  signalStep,
];
