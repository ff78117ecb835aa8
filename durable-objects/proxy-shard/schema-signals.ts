/** The table of what Fleet is to be told; a step like the others. What each column is for: docs/reference/storage.md. */
import type { MigrationStep } from "../migrations.ts";

export const signalStep: MigrationStep = {
  name: "signals",
  sql: `
    CREATE TABLE signal (
      rule TEXT NOT NULL,
      subject TEXT NOT NULL,
      token TEXT NOT NULL,
      body TEXT NOT NULL,
      sent INTEGER NOT NULL,
      PRIMARY KEY (rule, subject, token)
    ) STRICT, WITHOUT ROWID;
  `,
};
