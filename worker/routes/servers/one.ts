/** One server: show it, change it, check it, delete it. */
import { z } from "zod";
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import { serverPatchSchema } from "../../../core/contract/server.ts";
import type { House } from "../../house.ts";
import { askFleet, askShard, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { rewrite } from "../rewrite.ts";
import { trafficSchema } from "../traffic.ts";
import { exampleServer } from "./example.ts";
import { askHealth, silence } from "./health.ts";
import { serverPath } from "./path.ts";
import { changedRecord } from "./record.ts";
import { serverSchema, viewServer } from "./view.ts";

export const showServer = endpoint({
  summary: "Show a server",
  tag: "Servers",
  params: serverPath,
  answer: serverSchema
    .extend({
      traffic: trafficSchema.nullable().describe("Null when its shard does not answer."),
      faults: z.array(z.string()).describe("What was left out of its catalog, and why."),
    })
    .meta({ id: "ServerDetails" }),
  async handle({ house, caller, params }) {
    const placed = await findServer(house, params.id);
    if (!placed.ok) return placed;
    const { shard } = placed.value;
    const told = flat(await askShard(house.env, shard, (stub) => stub.details(params.id)));
    if (!told.ok) {
      const view = viewServer(placed.value, silence(shard, told.failure), caller);
      return success({ ...view, traffic: null, faults: [] });
    }
    const { health, traffic, faults } = told.value;
    return success({ ...viewServer(placed.value, health, caller), traffic: { ...traffic }, faults: [...faults] });
  },
});

export const changeServer = endpoint({
  summary: "Change a server",
  description:
    "What is left out stays as it is. `null` goes back to what a server has when nothing is said. `headers` is replaced " +
    "as a whole: `{}` or `null` removes every credential.",
  tag: "Servers",
  params: serverPath,
  body: serverPatchSchema,
  answer: serverSchema,
  example: { body: { timeoutMs: 20_000, headers: { Authorization: "Bearer new-secret" } }, answer: exampleServer },
  async handle({ house, caller, params, body }) {
    const actor = actorOf({ caller, house });
    const placed = await rewrite(
      () => findServer(house, params.id),
      async ({ record }) => {
        const changed = await changedRecord(house, record, body, Date.now());
        if (!changed.ok) return changed;
        return flat(await askFleet(house.env, (fleet) => fleet.replaceServer(changed.value, actor, record)));
      },
    );
    if (!placed.ok) return placed;
    const healthOf = await askHealth(house, [placed.value]);
    return success(viewServer(placed.value, healthOf(placed.value), caller));
  },
});

export const checkServer = endpoint({
  summary: "Check a server",
  description: "Connects and reads the server's catalog anew, now. Answers when that is done or has failed.",
  tag: "Servers",
  params: serverPath,
  verb: "check",
  answer: serverSchema,
  example: { answer: exampleServer },
  async handle({ house, caller, params }) {
    const placed = await findServer(house, params.id);
    if (!placed.ok) return placed;
    const checked = flat(await askShard(house.env, placed.value.shard, (stub) => stub.check(params.id)));
    return checked.ok ? success(viewServer(placed.value, checked.value, caller)) : checked;
  },
});

export const deleteServer = endpoint({
  summary: "Delete a server",
  tag: "Servers",
  params: serverPath,
  answer: z.object({ id: z.string() }).meta({ id: "DeletedServer" }),
  example: { answer: { id: "memory" } },
  async handle({ house, caller, params }) {
    const actor = actorOf({ caller, house });
    const gone = flat(await askFleet(house.env, (fleet) => fleet.deleteServer(params.id, actor)));
    return gone.ok ? success({ id: gone.value.record.id }) : gone;
  },
});

async function findServer(house: House, id: string): Promise<Outcome<PlacedServer>> {
  return flat(await askFleet(house.env, (fleet) => fleet.server(id)));
}
