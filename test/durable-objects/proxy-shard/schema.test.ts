import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it } from "vitest";
import { applyMigrations } from "../../../durable-objects/migrations.ts";
import { steps } from "../../../durable-objects/proxy-shard/schema.ts";
import { shardAt, shardStub } from "./fleet-of.ts";

afterEach(async () => {
  await reset();
});

it("does not start on a disk whose applied steps are not those of its code", async () => {
  await runInDurableObject(shardStub(1), (_shard, { storage: { sql } }) => {
    const edited = steps.map((step) => ({ ...step, sql: `${step.sql} -- edited` }));
    expect(() => applyMigrations(sql, edited)).toThrow(/append-only/);
    expect(() => applyMigrations(sql, steps)).not.toThrow();
    sql.exec("UPDATE _migration SET hash = 'of an edited step' WHERE position = 0");
  });
  await evictDurableObject(shardStub(1));
  const failed = await shardAt(1)
    .map()
    .then(
      () => "started",
      (error: unknown) => String(error),
    );
  expect(failed).toContain("append-only");
});

it("keeps its rows when a step is added", async () => {
  await runInDurableObject(shardStub(1), (_shard, { storage: { sql } }) => {
    sql.exec("INSERT INTO api_key VALUES ('k1', '{}', 0)");
    applyMigrations(sql, [...steps, { name: "more", sql: "ALTER TABLE api_key ADD COLUMN note TEXT" }]);
    expect(sql.exec("SELECT id, note FROM api_key").toArray()).toEqual([{ id: "k1", note: null }]);
  });
});
