/** `/alerts/targets`: where alerts are told. */
import { z } from "zod";
import {
  alertTargetInputSchema,
  alertTargetPatchSchema,
  type AlertTarget,
} from "../../../core/contract/alert-target.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { rewrite } from "../rewrite.ts";
import { exampleTarget } from "./example.ts";
import { targetPath } from "./path.ts";
import { changedTarget, newTarget, rotatedTarget } from "./record.ts";
import { newTargetSchema, targetSchema, viewTarget } from "./view.ts";

const tag = "Alerts";
const day = 24 * 60 * 60;
const shownSecret = "whsec_…";

export const listTargets = endpoint({
  summary: "List alert targets",
  description: "There may be 20 of them.",
  tag,
  answer: z.object({ targets: z.array(targetSchema) }).meta({ id: "AlertTargetList" }),
  example: { answer: { targets: [exampleTarget] } },
  async handle({ house }) {
    const targets = await askFleet(house.env, (fleet) => fleet.alertTargets());
    return targets.ok ? success({ targets: targets.value.map(viewTarget) }) : targets;
  },
});

export const showTarget = endpoint({
  summary: "Show an alert target",
  tag,
  params: targetPath,
  answer: targetSchema,
  example: { answer: exampleTarget },
  async handle({ house, params }) {
    const found = flat(await askFleet(house.env, (fleet) => fleet.alertTarget(params.id)));
    return found.ok ? success(viewTarget(found.value)) : found;
  },
});

export const createTarget = endpoint({
  summary: "Create an alert target",
  description:
    "`webhook` and `slack` need a `url`, `pagerduty` a `routingKey`. The answer holds a webhook's signing secret, once.",
  tag,
  body: alertTargetInputSchema,
  status: 201,
  answer: newTargetSchema,
  example: {
    body: { id: "on-call", kind: "webhook", url: "https://alerts.example.com/hook" },
    answer: { ...exampleTarget, secret: shownSecret },
  },
  async handle({ house, caller, body }) {
    const made = await newTarget(house, body, Date.now());
    if (!made.ok) return made;
    const actor = actorOf({ caller, house });
    const created = flat(await askFleet(house.env, (fleet) => fleet.createAlertTarget(made.value.target, actor)));
    if (!created.ok) return created;
    const view = withSecret(created.value, made.value.secret);
    return success(Response.json(view, { status: 201, headers: { location: `/alerts/targets/${view.id}` } }));
  },
});

export const changeTarget = endpoint({
  summary: "Change an alert target",
  description: "What is left out stays. One that is disabled is told nothing, nor what it should have been told.",
  tag,
  params: targetPath,
  body: alertTargetPatchSchema,
  answer: targetSchema,
  example: { body: { rules: ["server_down", "certificate"] }, answer: exampleTarget },
  async handle({ house, caller, params, body }) {
    const changed = await alter({ house, caller }, params.id, "alert_target.update", (target) =>
      changedTarget(house, target, body, Date.now()),
    );
    return changed.ok ? success(viewTarget(changed.value)) : changed;
  },
});

export const rotateTarget = endpoint({
  summary: "Rotate an alert target's secret",
  description:
    "Makes a new secret, shown in the answer, once. For `overlapSeconds` messages are signed with both, as the Standard Webhooks specification has it.",
  tag,
  params: targetPath,
  verb: "rotate",
  body: z
    .strictObject({
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * day)
        .default(day)
        .describe("How long the present secret goes on signing."),
    })
    .meta({ id: "AlertTargetRotation" }),
  bodyOptional: true,
  answer: newTargetSchema,
  example: { body: { overlapSeconds: 3600 }, answer: { ...exampleTarget, secret: shownSecret } },
  async handle({ house, caller, params, body }) {
    let secret: string | undefined;
    const rotated = await alter({ house, caller }, params.id, "alert_target.rotate", async (target) => {
      const made = await rotatedTarget(house, target, body.overlapSeconds * 1000, Date.now());
      if (!made.ok) return made;
      secret = made.value.secret;
      return success(made.value.target);
    });
    return rotated.ok ? success(withSecret(rotated.value, secret)) : rotated;
  },
});

export const deleteTarget = endpoint({
  summary: "Delete an alert target",
  description: "What it should have been told and was not goes with it.",
  tag,
  params: targetPath,
  answer: z.object({ id: z.string() }).meta({ id: "DeletedAlertTarget" }),
  example: { answer: { id: exampleTarget.id } },
  async handle({ house, caller, params }) {
    const actor = actorOf({ caller, house });
    const gone = flat(await askFleet(house.env, (fleet) => fleet.deleteAlertTarget(params.id, actor)));
    return gone.ok ? success({ id: gone.value.id }) : gone;
  },
});

function alter(
  { house, caller }: { readonly house: House; readonly caller: Caller },
  id: string,
  action: string,
  change: (target: AlertTarget) => Promise<Outcome<AlertTarget>>,
): Promise<Outcome<AlertTarget>> {
  const actor = actorOf({ caller, house });
  return rewrite(
    async () => flat(await askFleet(house.env, (fleet) => fleet.alertTarget(id))),
    async (target) => {
      const changed = await change(target);
      if (!changed.ok) return changed;
      return flat(await askFleet(house.env, (fleet) => fleet.replaceAlertTarget(changed.value, action, actor, target)));
    },
  );
}

function withSecret(target: AlertTarget, secret: string | undefined) {
  return { ...viewTarget(target), ...(secret === undefined ? {} : { secret }) };
}
