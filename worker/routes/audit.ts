/** `GET /audit`: who changed what, newest first. */
import { z } from "zod";
import { success } from "../../core/contract/outcome.ts";
import { askFleet } from "../objects.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { endpoint } from "./endpoint.ts";
import { instant, instantSchema } from "./instant.ts";
import { nextCursorSchema, pageQuery } from "./page-query.ts";

const entrySchema = z
  .object({
    id: z.int(),
    at: instantSchema,
    actor: z.string().describe("The id of the key that did it, or `root`."),
    requestId: z.string(),
    action: z.string().describe("Such as `server.register`, `key.revoke`, `shards.set`."),
    target: z.string(),
    detail: z.unknown().describe("What changed; never a secret."),
  })
  .meta({ id: "AuditEntry" });

export const listAudit = endpoint({
  summary: "List changes",
  description: "Every change that an administrator made, newest first.",
  tag: "Administration",
  query: z.strictObject(pageQuery),
  answer: z.object({ entries: z.array(entrySchema), nextCursor: nextCursorSchema }).meta({ id: "AuditList" }),
  example: {
    answer: {
      entries: [
        {
          id: 42,
          at: "2026-10-23T09:00:00.000Z",
          actor: "root",
          requestId: "6f0c3a52-4a54-4f0e-9d6b-0d8e3f3a7c11",
          action: "server.register",
          target: "memory",
          detail: { shard: 2, origin: "https://memory.example.com" },
        },
      ],
    },
  },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "audit", query };
    const before = await openCursor(of, query.cursor, z.int());
    if (!before.ok) return before;
    const { limit } = query;
    // One more than asked for would pass the most that Fleet gives at once, so a full page may be followed by an empty one.
    const page = await askFleet(house.env, (fleet) => fleet.audit(before.value ?? 0, limit));
    if (!page.ok) return page;
    const last = page.value.at(-1);
    const next = last && last.id > 1 && page.value.length === limit ? await sealCursor(of, last.id) : undefined;
    const entries = page.value.map((entry) => ({
      ...entry,
      at: instant(entry.at),
      detail: JSON.parse(entry.detail) as unknown,
    }));
    return success({ entries, ...(next === undefined ? {} : { nextCursor: next }) });
  },
});
