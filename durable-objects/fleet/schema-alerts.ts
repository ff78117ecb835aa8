/** The tables of alerts; a step like the others. What each column is for: docs/reference/storage.md. */
import type { MigrationStep } from "../migrations.ts";

export const alerts: MigrationStep = {
  name: "alerts, and the keys that expire",
  sql: `
    CREATE TABLE alert_rule (
      rule TEXT PRIMARY KEY NOT NULL,
      record TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_target (
      id TEXT PRIMARY KEY NOT NULL,
      record TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_silence (
      id TEXT PRIMARY KEY NOT NULL,
      record TEXT NOT NULL,
      ends_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE alert_watch (
      rule TEXT NOT NULL,
      subject TEXT NOT NULL,
      watch TEXT NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      alert TEXT,
      due_at INTEGER,
      PRIMARY KEY (rule, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alert_watch_by_due ON alert_watch (due_at) WHERE due_at IS NOT NULL;

    CREATE TABLE alert (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      rule TEXT NOT NULL,
      severity TEXT NOT NULL,
      subject TEXT NOT NULL,
      reason TEXT NOT NULL,
      since INTEGER NOT NULL,
      opened_at INTEGER NOT NULL,
      recovered_at INTEGER,
      told INTEGER NOT NULL,
      token TEXT UNIQUE
    ) STRICT;
    CREATE INDEX alert_open ON alert (seq) WHERE recovered_at IS NULL;

    CREATE TABLE alert_delivery (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      target TEXT NOT NULL,
      change TEXT NOT NULL,
      rule TEXT NOT NULL,
      alerts TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      aside INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      due_at INTEGER NOT NULL,
      answer TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alert_delivery_waiting ON alert_delivery (due_at) WHERE state = 'waiting';

    CREATE INDEX api_key_by_end ON api_key (json_extract(record, '$.expiresAt'))
      WHERE json_extract(record, '$.expiresAt') IS NOT NULL AND json_extract(record, '$.revokedAt') IS NULL;
  `,
};
