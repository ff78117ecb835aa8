/** `/alerts/silences`: for a time, nobody is told of something. */
import { z } from "zod";
import { silenceInputSchema } from "../../../core/contract/alert-rpc.ts";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { exampleSilence } from "./example.ts";
import { silencePath } from "./path.ts";
import { silenceSchema, viewSilence } from "./view.ts";

export const listSilences = endpoint({
  summary: "List silences",
  tag: "Alerts",
  answer: z.object({ silences: z.array(silenceSchema) }).meta({ id: "AlertSilenceList" }),
  example: { answer: { silences: [exampleSilence] } },
  async handle({ house }) {
    const silences = await askFleet(house.env, (fleet) => fleet.silences());
    return silences.ok ? success({ silences: silences.value.map(viewSilence) }) : silences;
  },
});

export const beginSilence = endpoint({
  summary: "Begin a silence",
  description:
    "Alerts are still listed, but nobody is told of new ones. What is still wrong when the silence ends is told then; whoever was told of a beginning is told of its end all the same.",
  tag: "Alerts",
  body: silenceInputSchema,
  status: 201,
  answer: silenceSchema,
  example: { body: { id: "deploy", minutes: 60, subjects: ["memory*"] }, answer: exampleSilence },
  async handle({ house, caller, body: { minutes, ...said } }) {
    const now = Date.now();
    const { id, rules, subjects, reason } = said;
    const wanted = {
      id,
      ...(rules === undefined ? {} : { rules }),
      ...(subjects === undefined ? {} : { subjects }),
      ...(reason === undefined ? {} : { reason }),
      createdAt: now,
      endsAt: now + minutes * 60_000,
    };
    const actor = actorOf({ caller, house });
    const begun = flat(await askFleet(house.env, (fleet) => fleet.silence(wanted, actor)));
    return begun.ok ? success(viewSilence(begun.value)) : begun;
  },
});

export const endSilence = endpoint({
  summary: "End a silence",
  tag: "Alerts",
  params: silencePath,
  answer: z.object({ id: z.string() }).meta({ id: "EndedAlertSilence" }),
  example: { answer: { id: exampleSilence.id } },
  async handle({ house, caller, params }) {
    const actor = actorOf({ caller, house });
    const ended = flat(await askFleet(house.env, (fleet) => fleet.endSilence(params.id, actor)));
    return ended.ok ? success({ id: ended.value.id }) : ended;
  },
});
