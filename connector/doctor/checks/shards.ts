/** The shards: whether each answers. Their uptime tells the gateway's time, too, where nothing else does. */
import { z } from "zod";
import { ask, isAnswer, type Answer, type Gateway } from "../ask.ts";
import type { Findings } from "../finding.ts";

const shardsSchema = z.object({
  shards: z.array(
    z.object({
      shard: z.int(),
      status: z.string(),
      reason: z.string(),
      servers: z.int().optional(),
      startedAt: z.string().optional(),
      uptimeMs: z.number().optional(),
    }),
  ),
});

export interface Timed {
  readonly gatewayNow: number;
  readonly answer: Answer;
}

/** `/health` is open to everyone, and says less. */
export async function* checkShards(gateway: Gateway, mayRead: boolean): Findings<Timed | undefined> {
  const answer = await ask(gateway, mayRead ? "/shards" : "/health");
  const read = isAnswer(answer) ? shardsSchema.safeParse(answer.body) : undefined;
  if (!isAnswer(answer) || !read?.success) {
    const why = isAnswer(answer) ? `HTTP ${answer.status}` : answer.words;
    const mend = "Try again; if it lasts, read the gateway's log.";
    yield { level: "fail", about: "shards", says: `the gateway does not tell how they are: ${why}`, mend };
    return undefined;
  }
  const { shards } = read.data;
  for (const { shard, status, reason } of shards) {
    if (status !== "down") continue;
    const mend = "Its calls go on when it is back, which takes seconds; if it lasts, read the gateway's log.";
    yield { level: "fail", about: `shard ${shard}`, says: `is down: ${reason}`, mend };
  }
  const well = shards.filter(({ status }) => status !== "down").length;
  if (well > 0) {
    yield { level: "ok", about: "shards", says: `${well} of ${shards.length} answer`, facts: { shards } };
  }
  const clock = shards.find(({ startedAt, uptimeMs }) => startedAt !== undefined && uptimeMs !== undefined);
  const gatewayNow = Date.parse(clock?.startedAt ?? "") + (clock?.uptimeMs ?? 0);
  return Number.isNaN(gatewayNow) ? undefined : { gatewayNow, answer };
}
