/** From what an operator says of a target to what Fleet keeps of it: address checked, secrets sealed. */
import type { FieldFault } from "../../../core/contract/failure.ts";
import {
  addressOf,
  targetContext,
  type AlertTarget,
  type AlertTargetInput,
  type AlertTargetPatch,
  type TargetKind,
  type TargetSecrets,
} from "../../../core/contract/alert-target.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal, unseal } from "../../../core/secrets/seal.ts";
import { mintWebhookSecret } from "../../../core/secrets/webhook-signature.ts";
import { checkTarget } from "../../../core/upstream/target.ts";
import type { House } from "../../house.ts";

/** A record, and the secret that signs, where one has been made. */
export interface Made {
  readonly target: AlertTarget;
  readonly secret?: string;
}

export async function newTarget(house: House, input: AlertTargetInput, now: number): Promise<Outcome<Made>> {
  const { id, kind, url: said, routingKey, title, rules, allowPrivate = false, disabled = false } = input;
  const url = addressOf(kind, said);
  if (url === undefined) return invalid({ path: "/url", message: "is needed" });
  if (kind === "pagerduty" && routingKey === undefined) return invalid({ path: "/routingKey", message: "is needed" });
  const secret = kind === "webhook" ? mintWebhookSecret() : undefined;
  const secrets = {
    url,
    ...(routingKey === undefined ? {} : { routingKey }),
    signing: secret === undefined ? [] : [{ secret }],
  };
  const target = await recordOf(house, secrets, {
    id,
    kind,
    ...(title === undefined ? {} : { title }),
    ...(rules === undefined ? {} : { rules: [...new Set(rules)] }),
    allowPrivate,
    disabled,
    createdAt: now,
    updatedAt: now,
  });
  if (!target.ok) return target;
  return success({ target: target.value, ...(secret === undefined ? {} : { secret }) });
}

export async function changedTarget(
  house: House,
  target: AlertTarget,
  patch: AlertTargetPatch,
  now: number,
): Promise<Outcome<AlertTarget>> {
  const secrets = await secretsOf(house, target);
  if (!secrets.ok) return secrets;
  const { title, rules, origin: _, sealed: __, ...kept } = target;
  const newTitle = patch.title === undefined ? title : (patch.title ?? undefined);
  const newRules = patch.rules === undefined ? rules : patch.rules ? [...new Set(patch.rules)] : undefined;
  const routingKey = patch.routingKey ?? secrets.value.routingKey;
  const fresh = {
    url: patch.url ?? secrets.value.url,
    signing: secrets.value.signing,
    ...(routingKey === undefined ? {} : { routingKey }),
  };
  return recordOf(house, fresh, {
    ...kept,
    ...(newTitle === undefined ? {} : { title: newTitle }),
    ...(newRules === undefined ? {} : { rules: newRules }),
    allowPrivate: patch.allowPrivate ?? target.allowPrivate,
    disabled: patch.disabled ?? target.disabled,
    updatedAt: now,
  });
}

/** The secret before goes on signing beside the new one for a while; any older one does not. */
export async function rotatedTarget(
  house: House,
  target: AlertTarget,
  overlapMs: number,
  now: number,
): Promise<Outcome<Made>> {
  if (target.kind !== "webhook") return failure({ code: "conflict", detail: "Only webhooks are signed." });
  const secrets = await secretsOf(house, target);
  if (!secrets.ok) return secrets;
  const secret = mintWebhookSecret();
  const [present] = secrets.value.signing;
  const old = present && overlapMs > 0 ? [{ secret: present.secret, endsAt: now + overlapMs }] : [];
  const sealed = await sealedFor(house, target.id, { ...secrets.value, signing: [{ secret }, ...old] });
  return success({ target: { ...target, sealed, updatedAt: now }, secret });
}

async function recordOf(
  house: House,
  secrets: TargetSecrets,
  rest: Omit<AlertTarget, "origin" | "sealed">,
): Promise<Outcome<AlertTarget>> {
  const fault = routingFault(rest.kind, secrets);
  if (fault) return invalid(fault);
  const { allowPrivate } = rest;
  const checked = checkTarget(secrets.url, { allowPrivate, bind: house.env.BIND });
  if (!checked.ok) return checked;
  const { url } = checked.value;
  const sealed = await sealedFor(house, rest.id, { ...secrets, url });
  return success({ ...rest, origin: new URL(url).origin, sealed });
}

function routingFault(kind: TargetKind, { routingKey }: TargetSecrets): FieldFault | undefined {
  if (routingKey === undefined || kind === "pagerduty") return undefined;
  return { path: "/routingKey", message: "is for PagerDuty only" };
}

async function sealedFor(house: House, id: string, secrets: TargetSecrets): Promise<string> {
  return seal(await openKeyring(house.env.PATCHBAY_SECRET), JSON.stringify(secrets), targetContext(id));
}

async function secretsOf(house: House, { id, sealed }: AlertTarget): Promise<Outcome<TargetSecrets>> {
  const text = await unseal(await openKeyring(house.env.PATCHBAY_SECRET), sealed, targetContext(id));
  if (text !== undefined) return success(JSON.parse(text));
  const detail = "It was sealed with a PATCHBAY_SECRET that is not there any more. Delete it and create it anew.";
  return failure({ code: "conflict", detail });
}

function invalid(fault: FieldFault): Outcome<never> {
  return failure({ code: "invalid_fields", fields: [fault] });
}
