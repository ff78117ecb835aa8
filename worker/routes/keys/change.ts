/** A key's later life: change it, rotate its secret, revoke it. */
import { z } from "zod";
import { keyPatchSchema, type KeyRecord } from "../../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { mintKey } from "../../../core/secrets/api-key.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import type { Caller, House } from "../../house.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { instantSchema } from "../instant.ts";
import { rewrite } from "../rewrite.ts";
import { exampleKey } from "./example.ts";
import { mayGrant, mayTouch } from "./grants.ts";
import { keyPath } from "./path.ts";
import { changedKey } from "./record.ts";
import { keySchema, newKeySchema, stateOf, viewKey, viewKeys, withSecret } from "./view.ts";

const day = 24 * 60 * 60;

export const changeKey = endpoint({
  summary: "Change a key",
  description:
    'What is left out stays as it is. `tools: null` is every tool; `limit: null` is no limit and `limit: "default"` the ' +
    "gateway's default; `expiresAt: null` is never. `tools` and `serverLimits` are replaced as a whole.",
  tag: "Keys",
  params: keyPath,
  body: keyPatchSchema,
  answer: keySchema,
  example: { body: { limit: { perMinute: 600 } }, answer: exampleKey },
  async handle({ house, caller, params, body }) {
    const changed = await alter({ house, caller }, params.id, "key.update", async (record) => {
      if (record.revokedAt !== undefined) return failure({ code: "conflict", detail: "The key is revoked, for good." });
      const after = changedKey(record, body, Date.now());
      if (!after.ok) return after;
      const granted = mayGrant(caller.principal, after.value);
      return granted.ok ? after : granted;
    });
    if (!changed.ok) return changed;
    const [view] = await viewKeys(house, [changed.value]);
    return success(view ?? viewKey(changed.value, undefined, Date.now()));
  },
});

export const rotateKey = endpoint({
  summary: "Rotate a key",
  description:
    "Makes a new secret, shown in the answer, once. The one before goes on for `overlapSeconds`; any older one ends at once.",
  tag: "Keys",
  params: keyPath,
  verb: "rotate",
  body: z
    .strictObject({
      overlapSeconds: z
        .int()
        .min(0)
        .max(30 * day)
        .default(day)
        .describe("How long the present secret goes on; 0 when it is no longer safe."),
    })
    .meta({ id: "KeyRotation" }),
  bodyOptional: true,
  answer: newKeySchema,
  example: { body: { overlapSeconds: 3600 }, answer: { ...exampleKey, key: "patchbay_…" } },
  async handle({ house, caller, params, body }) {
    const keyring = await openKeyring(house.env.PATCHBAY_SECRET);
    const now = Date.now();
    let key = "";
    const rotated = await alter({ house, caller }, params.id, "key.rotate", async (record) => {
      const state = stateOf(record, now);
      if (state !== "active") return failure({ code: "conflict", detail: `The key is ${state}.` });
      const minted = await mintKey(keyring, record.id);
      key = minted.key;
      const [present] = record.secrets;
      const old = present && body.overlapSeconds > 0 ? [{ ...present, endsAt: now + body.overlapSeconds * 1000 }] : [];
      const { digest, hint } = minted;
      return success({ ...record, secrets: [{ digest, createdAt: now }, ...old], hint });
    });
    return rotated.ok ? success(withSecret(viewKey(rotated.value, undefined, now), key)) : rotated;
  },
});

export const revokeKey = endpoint({
  summary: "Revoke a key",
  description: "Within two seconds no request with this key is admitted anywhere. There is no way back.",
  tag: "Keys",
  params: keyPath,
  answer: z.object({ id: z.string(), revokedAt: instantSchema.nullable() }).meta({ id: "RevokedKey" }),
  example: { answer: { id: exampleKey.id, revokedAt: "2026-10-23T10:00:00.000Z" } },
  async handle({ house, caller, params }) {
    const revoked = await alter({ house, caller }, params.id, "key.revoke", async (record) =>
      success(record.revokedAt === undefined ? { ...record, revokedAt: Date.now() } : record),
    );
    if (!revoked.ok) return revoked;
    const { id, revokedAt } = viewKey(revoked.value, undefined, Date.now());
    return success({ id, revokedAt });
  },
});

type Change = (record: KeyRecord) => Promise<Outcome<KeyRecord>>;

function alter(
  { house, caller }: { readonly house: House; readonly caller: Caller },
  id: string,
  action: string,
  change: Change,
): Promise<Outcome<KeyRecord>> {
  const actor = actorOf({ caller, house });
  return rewrite(
    async () => flat(await askFleet(house.env, (fleet) => fleet.key(id))),
    async (record) => {
      const touched = mayTouch(caller.principal, record);
      if (!touched.ok) return touched;
      const changed = await change(record);
      if (!changed.ok || changed.value === record) return changed;
      return flat(await askFleet(house.env, (fleet) => fleet.replaceKey(changed.value, action, actor, record)));
    },
  );
}
