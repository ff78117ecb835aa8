/** `POST /servers`: an id and an address are enough; the rest is found out. */
import { z } from "zod";
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import { success } from "../../../core/contract/outcome.ts";
import { serverInputSchema } from "../../../core/contract/server.ts";
import type { House } from "../../house.ts";
import { askFleet, askShard, flat } from "../../objects.ts";
import { actorOf } from "../actor.ts";
import { endpoint } from "../endpoint.ts";
import { exampleServer } from "./example.ts";
import { askHealth, silence } from "./health.ts";
import { newRecord } from "./record.ts";
import { serverSchema, viewServer, type Health } from "./view.ts";

const waitMs = 15_000;

export const registerServer = endpoint({
  summary: "Register a server",
  description:
    "How the server is reached and which protocol era it speaks is found out. Answers at once, or with `?wait=ready` " +
    "when its tools are known or its first connection failed, after 15 seconds at most. Either way `state` says how it is.",
  tag: "Servers",
  query: z.strictObject({
    wait: z.enum(["ready"]).optional().describe("Answer when the server is ready or has failed to be."),
  }),
  body: serverInputSchema,
  status: 201,
  answer: serverSchema,
  example: { body: { id: "memory", url: "https://memory.example.com/mcp" }, answer: exampleServer },
  async handle({ house, caller, query, body }) {
    const record = await newRecord(house, body, Date.now());
    if (!record.ok) return record;
    const actor = actorOf({ caller, house });
    const placed = flat(await askFleet(house.env, (fleet) => fleet.registerServer(record.value, actor)));
    if (!placed.ok) return placed;
    const health = query.wait ? await settledHealth(house, placed.value) : await healthNow(house, placed.value);
    const view = viewServer(placed.value, health, caller);
    return success(Response.json(view, { status: 201, headers: { location: `/servers/${view.id}` } }));
  },
});

async function settledHealth(house: House, { record, shard }: PlacedServer): Promise<Health> {
  const settled = flat(await askShard(house.env, shard, (stub) => stub.whenSettled(record.id, waitMs)));
  return settled.ok ? settled.value : silence(shard, settled.failure);
}

async function healthNow(house: House, placed: PlacedServer): Promise<Health> {
  const healthOf = await askHealth(house, [placed]);
  return healthOf(placed);
}
