/**
 * Brings an object's tables up to date: an append-only list of steps, each applied once and remembered.
 * Owns the table `_migration`, one row per applied step, kept for ever.
 * An applied step that was edited since would leave old objects unlike new ones, so it throws at boot.
 */

export interface MigrationStep {
  readonly name: string;
  readonly sql: string;
}

/**
 * Runs in the object's constructor: SQLite is synchronous, so no request sees half a schema. More applied steps than
 * listed ones are no fault: that is an older release, rolled back to.
 */
export function applyMigrations(sql: SqlStorage, steps: readonly MigrationStep[]): void {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS _migration (position INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
  );
  const applied = sql.exec<{ hash: string }>("SELECT hash FROM _migration ORDER BY position").toArray();
  for (const [position, step] of steps.entries()) {
    const hash = hashOf(`${step.name}\n${step.sql}`);
    const known = applied[position];
    if (known === undefined) {
      sql.exec(step.sql);
      sql.exec("INSERT INTO _migration (position, name, hash) VALUES (?, ?, ?)", position, step.name, hash);
    } else if (known.hash !== hash) {
      throw new Error(`migrations have changed, this is an append-only list (step "${step.name}")`);
    }
  }
}

/** FNV-1a over UTF-16 units, 32 bits: it finds an edit, it need not withstand an attacker. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
