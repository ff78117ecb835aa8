/** What the parts of the fleet hold in memory, where /proc tells: pages that several share count in parts (PSS). */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { numberMember, parseJson } from "../../../scripts/start/json.ts";

export interface Memory {
  readonly workerdMb: number;
  readonly connectorsMb: number;
  readonly serversMb: number;
  readonly serverProcesses: number;
}

export async function memoryByPart(
  gatewayData: string,
  connectors: ReadonlyMap<string, number>,
): Promise<Memory | undefined> {
  if (process.platform !== "linux") return undefined;
  const running = parseJson(await readFile(join(gatewayData, "running.json"), "utf8").catch(() => ""));
  const parents = await parentOfEach();
  const above = [...connectors.values()];
  const servers = [...parents.keys()].filter((pid) => !above.includes(pid) && descends(pid, above, parents));
  return {
    workerdMb: await sumOf([numberMember(running, "workerd") ?? 0]),
    connectorsMb: await sumOf(above),
    serversMb: await sumOf(servers),
    serverProcesses: servers.length,
  };
}

async function sumOf(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(
    pids.map(async (pid) => {
      const told = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
      return Number(/^Pss:\s+(\d+)/m.exec(told)?.[1] ?? 0);
    }),
  );
  return Math.round(each.reduce((sum, kb) => sum + kb, 0) / 1024);
}

async function parentOfEach(): Promise<ReadonlyMap<number, number>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const pairs = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // The program's name, in parentheses, may hold anything; its state and its parent follow.
      return [pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0)] as const;
    }),
  );
  return new Map(pairs);
}

function descends(pid: number, from: readonly number[], parents: ReadonlyMap<number, number>): boolean {
  for (let at = parents.get(pid) ?? 0; at > 1; at = parents.get(at) ?? 0) if (from.includes(at)) return true;
  return false;
}
