/** `GET /toolsets` and `GET /toolsets/{id}`. */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet, flat } from "../../objects.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { exampleToolset } from "./example.ts";
import { toolsetPath } from "./path.ts";
import { toolsetSchema, viewToolset } from "./view.ts";

export const listToolsets = endpoint({
  summary: "List toolsets",
  description: "By id, at most 50 on a page.",
  tag: "Toolsets",
  query: z.strictObject(pageQuery),
  answer: z.object({ toolsets: z.array(toolsetSchema), nextCursor: nextCursorSchema }).meta({ id: "ToolsetList" }),
  example: { answer: { toolsets: [exampleToolset] } },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "toolsets", query };
    const after = await openCursor(of, query.cursor, z.string());
    if (!after.ok) return after;
    const page = await askFleet(house.env, (fleet) => fleet.toolsets(after.value ?? "", query.limit));
    if (!page.ok) return page;
    const { items, next } = page.value;
    const toolsets = items.map((toolset) => viewToolset(toolset, caller));
    return success({ toolsets, ...(next === undefined ? {} : { nextCursor: await sealCursor(of, next) }) });
  },
});

export const showToolset = endpoint({
  summary: "Show a toolset",
  tag: "Toolsets",
  params: toolsetPath,
  answer: toolsetSchema,
  example: { answer: exampleToolset },
  async handle({ house, caller, params }) {
    const found = flat(await askFleet(house.env, (fleet) => fleet.toolset(params.id)));
    return found.ok ? success(viewToolset(found.value, caller)) : found;
  },
});
