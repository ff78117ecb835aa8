/** workerd killed outright, again and again, while administrators change things: what was acknowledged stays. */
import { setTimeout as pause } from "node:timers/promises";
import { startGateway } from "../support/gateway.ts";
import { everyChange, lostChanges } from "./kept.ts";
import { count, percentile, told, type Row } from "./row.ts";
import { gatewayOptions } from "./stage.ts";
import { startAlone } from "./workerd-alone.ts";

/** Between the first change and the kill. */
const mostMs = 600;

export async function killDuringChanges(kills: number): Promise<Row> {
  const gateway = await startGateway(await gatewayOptions());
  await gateway.kill9();
  const administrators = everyChange();
  const lost: string[] = [];
  const starts: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const workerd = await startAlone(gateway.data, gateway);
    starts.push(workerd.tookMs);
    lost.push(...(await lostChanges(gateway, administrators)));
    const ending = new AbortController();
    const working = administrators.map((one) => one.work(gateway, { signal: ending.signal }));
    await pause(Math.random() * mostMs);
    await workerd.kill9();
    ending.abort();
    await Promise.all(working);
  }
  const last = await startAlone(gateway.data, gateway);
  lost.push(...(await lostChanges(gateway, administrators)));
  await last.kill9();

  const saw = administrators.flatMap((one) => one.saw);
  return {
    fault: `workerd killed ${kills} times during admin writes`,
    saw: `changes: ${count(saw)}`,
    wrong: 0,
    twice: 0,
    lost: lost.length,
    recoveredMs: percentile(starts, 0.5),
    broken: [
      ...told("acknowledged and lost, or half-done", lost),
      ...(!saw.includes("ok") ? ["no change was ever acknowledged: nothing was shown"] : []),
    ],
    healthyMs: [],
  };
}
