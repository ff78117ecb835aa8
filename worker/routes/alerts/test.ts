/** `POST /alerts:test`: a message to every target, now, and what each said. */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet } from "../../objects.ts";
import { endpoint } from "../endpoint.ts";

export const testAlerts = endpoint({
  summary: "Test the alert targets",
  description:
    "Sends a test to every target that is not disabled, once, and waits for what each says, five seconds at most for each.",
  tag: "Alerts",
  answer: z
    .object({
      results: z.array(
        z.object({
          target: z.string(),
          ok: z.boolean().describe("Whether it took the message."),
          answer: z.string().describe("What it said."),
        }),
      ),
    })
    .meta({ id: "AlertTest" }),
  example: { answer: { results: [{ target: "on-call", ok: true, answer: "HTTP 204" }] } },
  async handle({ house }) {
    const results = await askFleet(house.env, (fleet) => fleet.testAlerts());
    return results.ok ? success({ results: [...results.value] }) : results;
  },
});
