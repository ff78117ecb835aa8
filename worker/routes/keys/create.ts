/** `POST /keys`: the one time that a key's secret is shown. */
import { keyInputSchema, type KeyRecord } from "../../../core/contract/key.ts";
import { success } from "../../../core/contract/outcome.ts";
import { mintKey } from "../../../core/secrets/api-key.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { askFleet, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { exampleKey } from "./example.ts";
import { mayGrant } from "./grants.ts";
import { saidOf } from "./record.ts";
import { newKeySchema, viewKey, withSecret } from "./view.ts";

export const createKey = endpoint({
  summary: "Create a key",
  description: "The answer holds the secret, once. You can give away only scopes and tools that your own key has.",
  tag: "Keys",
  body: keyInputSchema,
  status: 201,
  answer: newKeySchema,
  example: {
    body: { name: "ci", scopes: ["tools:call"], limit: { perMinute: 100, burst: 100 } },
    answer: { ...exampleKey, key: "patchbay_…" },
  },
  async handle({ house, caller, body }) {
    const now = Date.now();
    const said = saidOf(body, now);
    if (!said.ok) return said;
    const granted = mayGrant(caller.principal, said.value);
    if (!granted.ok) return granted;
    const { id, key, digest, hint } = await mintKey(await openKeyring(house.env.PATCHBAY_SECRET));
    const record: KeyRecord = { id, ...said.value, createdAt: now, secrets: [{ digest, createdAt: now }], hint };
    const actor = actorOf({ caller, house });
    const created = flat(await askFleet(house.env, (fleet) => fleet.createKey(record, actor)));
    if (!created.ok) return created;
    const view = withSecret(viewKey(created.value, undefined, now), key);
    return success(Response.json(view, { status: 201, headers: { location: `/keys/${id}` } }));
  },
});
