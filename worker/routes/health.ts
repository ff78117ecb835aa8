/** `GET /health`: for load balancers and monitors. Open to everyone, so it names no server. */
import { z } from "zod";
import { success } from "../../core/contract/outcome.ts";
import type { House } from "../house.ts";
import { endpoint } from "./endpoint.ts";
import { askEveryShard } from "./every-shard.ts";
import { shardSchema, viewShard, type ShardView } from "./shard-view.ts";

export type Wellness = "ok" | "degraded" | "down";

const answerSchema = z
  .object({
    status: z.enum(["ok", "degraded", "down"]).describe("`down` only when no shard answers."),
    shards: z.array(shardSchema.pick({ shard: true, status: true, reason: true })),
  })
  .meta({ id: "Health" });

type Health = z.infer<typeof answerSchema>;

export const checkHealth = endpoint({
  summary: "Check health",
  description: "`degraded` when a shard does not answer or a server is down.",
  tag: "Gateway",
  answer: answerSchema,
  alsoStatus: { 503: "No shard answers." },
  open: true,
  example: { answer: { status: "ok", shards: [{ shard: 1, status: "ok", reason: "" }] } },
  async handle({ house }) {
    const health = await healthOf(house);
    return success(Response.json(health, { status: health.status === "down" ? 503 : 200 }));
  },
});

export function wellnessOf(shards: readonly ShardView[]): Wellness {
  if (shards.every(({ status }) => status === "down")) return "down";
  return shards.every(({ status }) => status === "ok") ? "ok" : "degraded";
}

const healthLifeMs = 1_000;
/** A guess that may vanish, so that a flood of strangers does not become a flood of object calls. */
let known: { readonly health: Health; readonly endsAt: number } | undefined;

async function healthOf(house: House): Promise<Health> {
  const now = Date.now();
  if (known && known.endsAt > now) return known.health;
  const asked = await askEveryShard(house, (shard) => shard.status());
  const shards = asked.ok ? asked.value.answers.map((answer) => viewShard(answer, 0, now)) : [];
  const health: Health = {
    status: wellnessOf(shards),
    shards: shards.map(({ shard, status, reason }) => ({ shard, status, reason })),
  };
  known = { health, endsAt: now + healthLifeMs };
  return health;
}
