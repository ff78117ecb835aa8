/** `GET /keys` and `GET /keys/{id}`: the keys, without their secrets. */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet, flat } from "../../objects.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { exampleKey } from "./example.ts";
import { keyPath } from "./path.ts";
import { keySchema, viewKey, viewKeys } from "./view.ts";

export const listKeys = endpoint({
  summary: "List keys",
  description: "Revoked and expired keys stay in the list: what they did stays in the audit trail under their id.",
  tag: "Keys",
  query: z.strictObject(pageQuery),
  answer: z.object({ keys: z.array(keySchema), nextCursor: nextCursorSchema }).meta({ id: "KeyList" }),
  example: { answer: { keys: [exampleKey] } },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "keys", query };
    const after = await openCursor(of, query.cursor, z.string());
    if (!after.ok) return after;
    const page = await askFleet(house.env, (fleet) => fleet.keys(after.value ?? "", query.limit));
    if (!page.ok) return page;
    const { items, next } = page.value;
    const keys = await viewKeys(house, items);
    return success({ keys, ...(next === undefined ? {} : { nextCursor: await sealCursor(of, next) }) });
  },
});

export const showKey = endpoint({
  summary: "Show a key",
  tag: "Keys",
  params: keyPath,
  answer: keySchema,
  example: { answer: exampleKey },
  async handle({ house, params }) {
    const found = flat(await askFleet(house.env, (fleet) => fleet.key(params.id)));
    if (!found.ok) return found;
    const [view] = await viewKeys(house, [found.value]);
    return success(view ?? viewKey(found.value, undefined, Date.now()));
  },
});
