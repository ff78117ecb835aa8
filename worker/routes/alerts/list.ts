/** `GET /alerts` and `GET /alerts/deliveries`: what is and was wrong, and who has been told. Newest first. */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet } from "../../objects.ts";
import { openCursor, sealCursor, type CursorOf } from "../cursor.ts";
import { endpoint } from "../endpoint.ts";
import { nextCursorSchema, pageQuery } from "../page-query.ts";
import { exampleAlert, exampleDelivery } from "./example.ts";
import { alertSchema, deliverySchema, viewAlert, viewDelivery } from "./view.ts";

export const listAlerts = endpoint({
  summary: "List alerts",
  description: "Open and recent ones, newest first.",
  tag: "Alerts",
  query: z.strictObject({
    state: z.enum(["open", "recovered"]).optional().describe("Both when left out."),
    ...pageQuery,
  }),
  answer: z.object({ alerts: z.array(alertSchema), nextCursor: nextCursorSchema }).meta({ id: "AlertList" }),
  example: { answer: { alerts: [exampleAlert] } },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "alerts", query };
    const before = await openCursor(of, query.cursor, z.int());
    if (!before.ok) return before;
    const page = await askFleet(house.env, (fleet) => fleet.alerts(query.state, before.value ?? 0, query.limit));
    if (!page.ok) return page;
    return success({ alerts: page.value.map(viewAlert), ...(await nextOf(of, page.value, query.limit)) });
  },
});

export const listDeliveries = endpoint({
  summary: "List messages to alert targets",
  description: "Those that wait, those that were given up, and the latest that arrived. Newest first.",
  tag: "Alerts",
  query: z.strictObject(pageQuery),
  answer: z
    .object({ deliveries: z.array(deliverySchema), nextCursor: nextCursorSchema })
    .meta({ id: "AlertDeliveryList" }),
  example: { answer: { deliveries: [exampleDelivery] } },
  async handle({ house, caller, query }) {
    const of = { house, caller, list: "deliveries", query };
    const before = await openCursor(of, query.cursor, z.int());
    if (!before.ok) return before;
    const page = await askFleet(house.env, (fleet) => fleet.deliveries(before.value ?? 0, query.limit));
    if (!page.ok) return page;
    return success({ deliveries: page.value.map(viewDelivery), ...(await nextOf(of, page.value, query.limit)) });
  },
});

/** A full page may be followed by an empty one. */
async function nextOf(of: CursorOf, page: readonly { readonly seq: number }[], limit: number) {
  const last = page.at(-1);
  return last && last.seq > 1 && page.length === limit ? { nextCursor: await sealCursor(of, last.seq) } : {};
}
