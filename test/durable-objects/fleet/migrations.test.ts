import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { steps } from "../../../durable-objects/fleet/schema.ts";
import { applyMigrations, type MigrationStep } from "../../../durable-objects/migrations.ts";
import { fleetStub } from "./world.ts";

const first: MigrationStep = { name: "one", sql: "CREATE TABLE pear (id INTEGER PRIMARY KEY) STRICT" };
const second: MigrationStep = { name: "two", sql: "ALTER TABLE pear ADD COLUMN name TEXT" };

afterEach(async () => {
  await reset();
});

/** On an empty object's storage: the fleet's own tables would be in the way. */
function onEmptyStorage(work: (sql: SqlStorage) => void): Promise<void> {
  return runInDurableObject(fleetStub(), (_, state) => {
    state.storage.sql.exec("DELETE FROM _migration");
    work(state.storage.sql);
  });
}

describe("migrations", () => {
  it("run each step once, in order, also when they come with a later release", async () => {
    await onEmptyStorage((sql) => {
      applyMigrations(sql, [first]);
      sql.exec("INSERT INTO pear VALUES (1)");
      applyMigrations(sql, [first, second]);
      applyMigrations(sql, [first, second]);
      expect(sql.exec("SELECT * FROM pear").toArray()).toEqual([{ id: 1, name: null }]);
    });
  });

  it("refuse a step that was edited after it ran", async () => {
    await onEmptyStorage((sql) => {
      applyMigrations(sql, [first]);
      const edited = { ...first, sql: first.sql.replace("STRICT", "") };
      expect(() => applyMigrations(sql, [edited])).toThrow("migrations have changed, this is an append-only list");
    });
  });

  it("refuse a step put before one that ran", async () => {
    await onEmptyStorage((sql) => {
      applyMigrations(sql, [first]);
      expect(() => applyMigrations(sql, [second, first])).toThrow("migrations have changed");
    });
  });

  it("let an older release run on what a newer one made", async () => {
    await onEmptyStorage((sql) => {
      applyMigrations(sql, [first, second]);
      expect(() => applyMigrations(sql, [first])).not.toThrow();
    });
  });

  it("of the fleet are what they were when they first shipped", async () => {
    await runInDurableObject(fleetStub(), (_, state) => {
      const hashes = state.storage.sql
        .exec<{ hash: string }>("SELECT hash FROM _migration ORDER BY position")
        .toArray();
      expect(hashes.length).toBe(steps.length);
      expect(hashes[0]?.hash).toBe("12fbc291");
    });
  });

  it("make strict tables only", async () => {
    await runInDurableObject(fleetStub(), (_, state) => {
      const lax = state.storage.sql
        .exec<{ name: string }>(
          "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND schema = 'main'",
        )
        .toArray()
        .map(({ name }) => name)
        .filter((name) => !name.startsWith("sqlite_") && !name.startsWith("_cf_"));
      expect(lax).toEqual([]);
    });
  });
});
