/** What administrators do to alerts: rules, targets, silences. They take no turns: each decision is made with its write. */
import type { AlertRule, RuleSettings } from "../../core/contract/alert.ts";
import type { Silence } from "../../core/contract/alert-rpc.ts";
import type { AlertTarget } from "../../core/contract/alert-target.ts";
import type { Actor } from "../../core/contract/fleet-rpc.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { nearest } from "../../core/policies/names.ts";
import type { Desk } from "./desk.ts";
import { changedSince, overtaken } from "./overtaken.ts";

/** Each alert is told to each of them. */
export const mostTargets = 20;
const mostSilences = 100;

export async function changeRule(
  desk: Desk,
  rule: AlertRule,
  change: Partial<RuleSettings>,
  actor: Actor,
): Promise<Outcome<RuleSettings>> {
  const before = desk.alerting.settings.rules()[rule];
  if (change.threshold !== undefined && before.threshold === undefined) {
    const message = "this rule measures nothing";
    return failure({ code: "invalid_fields", fields: [{ path: "/threshold", message }] });
  }
  const after = { ...before, ...change };
  await desk.commit(actor, (at) => {
    desk.alerting.settings.putRule(rule, after);
    desk.alerting.ruleChanged(rule, at);
    return { audit: [{ action: "alert.rule", target: rule, detail: { from: before, to: after } }], debts: [] };
  });
  return success(after);
}

export async function createTarget(desk: Desk, target: AlertTarget, actor: Actor): Promise<Outcome<AlertTarget>> {
  const { settings } = desk.alerting;
  const targets = settings.targets();
  const taken = targets.find(({ id }) => id.toLowerCase() === target.id.toLowerCase());
  if (taken) return failure({ code: "already_exists", what: "alert target", id: taken.id });
  if (targets.length >= mostTargets) {
    return failure({ code: "conflict", detail: `There may be ${mostTargets} targets, and there are.` });
  }
  await desk.commit(actor, () => {
    settings.putTarget(target);
    return { audit: [{ action: "alert_target.create", target: target.id, detail: outlineOf(target) }], debts: [] };
  });
  return success(target);
}

export async function replaceTarget(
  desk: Desk,
  target: AlertTarget,
  action: string,
  actor: Actor,
  seen: AlertTarget,
): Promise<Outcome<AlertTarget>> {
  const found = findTarget(desk, target.id);
  if (!found.ok) return found;
  if (changedSince(found.value, seen)) return overtaken();
  await desk.commit(actor, () => {
    desk.alerting.settings.putTarget(target);
    if (target.disabled) desk.alerting.deliveries.drop(target.id);
    return { audit: [{ action, target: target.id, detail: outlineOf(target) }], debts: [] };
  });
  return success(target);
}

export async function deleteTarget(desk: Desk, id: string, actor: Actor): Promise<Outcome<AlertTarget>> {
  const found = findTarget(desk, id);
  if (!found.ok) return found;
  await desk.commit(actor, () => {
    desk.alerting.settings.deleteTarget(id);
    desk.alerting.deliveries.drop(id);
    return { audit: [{ action: "alert_target.delete", target: id, detail: {} }], debts: [] };
  });
  return found;
}

export function findTarget(desk: Desk, id: string): Outcome<AlertTarget> {
  const target = desk.alerting.settings.target(id);
  if (target) return success(target);
  const ids = desk.alerting.settings.targets().map((one) => one.id);
  return failure({ code: "unknown_alert_target", id, nearest: nearest(id, ids) });
}

export async function silence(desk: Desk, wanted: Silence, actor: Actor): Promise<Outcome<Silence>> {
  const { settings } = desk.alerting;
  const silences = settings.silences(Date.now());
  if (silences.some(({ id }) => id === wanted.id)) {
    return failure({ code: "already_exists", what: "silence", id: wanted.id });
  }
  if (silences.length >= mostSilences) {
    return failure({ code: "conflict", detail: `There may be ${mostSilences} silences at once, and there are.` });
  }
  await desk.commit(actor, () => {
    settings.putSilence(wanted);
    const { rules, subjects, reason, endsAt } = wanted;
    const detail = { rules, subjects, reason, endsAt };
    return { audit: [{ action: "silence.begin", target: wanted.id, detail }], debts: [] };
  });
  return success(wanted);
}

export async function endSilence(desk: Desk, id: string, actor: Actor): Promise<Outcome<Silence>> {
  const found = desk.alerting.settings.silences(Date.now()).find((one) => one.id === id);
  if (!found) return failure({ code: "unknown_silence", id });
  await desk.commit(actor, (at) => {
    desk.alerting.settings.deleteSilence(id);
    desk.alerting.tellUntold(at);
    return { audit: [{ action: "silence.end", target: id, detail: {} }], debts: [] };
  });
  return success(found);
}

/** Never the address nor a secret: chat services take whoever knows the address for us. */
function outlineOf({ kind, title, origin, rules, allowPrivate, disabled }: AlertTarget) {
  return { kind, title, origin, rules, allowPrivate, disabled };
}
