/** `/alerts/rules`: what becomes an alert, and when. */
import { z } from "zod";
import { alertRules, type RuleSettings } from "../../../core/contract/alert.ts";
import { rulePatchSchema, type RulePatch } from "../../../core/contract/alert-rpc.ts";
import { success } from "../../../core/contract/outcome.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { exampleRule } from "./example.ts";
import { rulePath } from "./path.ts";
import { ruleSchema, viewRule } from "./view.ts";

export const listRules = endpoint({
  summary: "List alert rules",
  tag: "Alerts",
  answer: z.object({ rules: z.array(ruleSchema) }).meta({ id: "AlertRuleList" }),
  example: { answer: { rules: [exampleRule] } },
  async handle({ house }) {
    const rules = await askFleet(house.env, (fleet) => fleet.alertRules());
    return rules.ok ? success({ rules: alertRules.map((rule) => viewRule(rule, rules.value[rule])) }) : rules;
  },
});

export const changeRule = endpoint({
  summary: "Change an alert rule",
  description: "What is left out stays. Shards measure against a new threshold within a minute or so.",
  tag: "Alerts",
  params: rulePath,
  body: rulePatchSchema,
  answer: ruleSchema,
  example: { body: { threshold: 25 }, answer: exampleRule },
  async handle({ house, caller, params: { rule }, body }) {
    const actor = actorOf({ caller, house });
    const change = settingsIn(body);
    const changed = flat(await askFleet(house.env, (fleet) => fleet.changeAlertRule(rule, change, actor)));
    return changed.ok ? success(viewRule(rule, changed.value)) : changed;
  },
});

function settingsIn({ enabled, severity, afterSeconds, clearSeconds, threshold }: RulePatch): Partial<RuleSettings> {
  return {
    ...(enabled === undefined ? {} : { enabled }),
    ...(severity === undefined ? {} : { severity }),
    ...(afterSeconds === undefined ? {} : { afterMs: afterSeconds * 1000 }),
    ...(clearSeconds === undefined ? {} : { clearMs: clearSeconds * 1000 }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}
