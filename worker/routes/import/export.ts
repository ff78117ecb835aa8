/** `GET /servers:export`: the fleet as a file, for clients and for another gateway's import. */
import { z } from "zod";
import { allows } from "../../../core/contract/scope.ts";
import { failure, success } from "../../../core/contract/outcome.ts";
import { askFleet } from "../../objects.ts";
import { openCursor, sealCursor } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { everyServer } from "./every-server.ts";
import { exportedEntry, exportedEntrySchema, placeholders } from "./exported-entry.ts";

export const exportServers = endpoint({
  summary: "Export servers",
  description:
    "The servers in `mcpServers` form, which `POST /servers:import` takes again. Credentials are placeholders, named " +
    "so that they can be filled in: `${MEMORY_AUTHORIZATION}` is what goes to `memory` in its Authorization header, " +
    "`${MEMORY_QUERY}` the query of its address with its question mark. A server behind a connector has `kind` and no " +
    "command, which only its own machine knows. An import takes 1,000 entries at once, so that is a page.",
  tag: "Servers",
  query: z.strictObject({
    ...pageQuery,
    limit: z.coerce.number().int().min(1).max(1000).default(1000).describe("How many to answer with at most."),
    queries: z
      .enum(["true", "false"])
      .optional()
      .describe("Shows the queries of addresses, which may hold keys. Takes the scope `servers:write`."),
  }),
  answer: z
    .object({ mcpServers: z.record(z.string(), exportedEntrySchema), nextCursor: nextCursorSchema })
    .meta({ id: "Exported" }),
  example: {
    answer: {
      mcpServers: {
        memory: {
          type: "http",
          url: "https://memory.example.com/mcp",
          headers: { Authorization: "${MEMORY_AUTHORIZATION}" },
        },
        files: { kind: "connector", timeoutMs: 20_000 },
      },
    },
  },
  async handle({ house, caller, query }) {
    const queries = query.queries === "true";
    if (queries && !allows(caller.principal.scopes, "servers:write")) {
      return failure({ code: "scope_missing", scope: "servers:write" });
    }
    const of = { house, caller, list: "export", query };
    const after = await openCursor(of, query.cursor, z.string());
    if (!after.ok) return after;
    const position = after.value ?? "";
    const page = await askFleet(house.env, (fleet) => fleet.servers(position, query.limit));
    if (!page.ok) return page;
    const all = await everyServer(house);
    if (!all.ok) return all;
    // Of all of them, since a placeholder may not be another's, on whatever page that one is.
    const placeholder = placeholders();
    const entries = new Map(all.value.map(({ record }) => [record.id, exportedEntry(record, placeholder, queries)]));
    const { items, next } = page.value;
    const mcpServers = items.flatMap(({ record: { id } }) => {
      const entry = entries.get(id);
      return entry ? [[id, entry] as const] : [];
    });
    return success({
      mcpServers: Object.fromEntries(mcpServers),
      ...(next === undefined ? {} : { nextCursor: await sealCursor(of, next) }),
    });
  },
});
