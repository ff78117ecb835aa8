/** Whether what administrators were told is true of the gateway, and whether every change is whole. */
import { Administrator } from "./administrator.ts";
import type { Changes } from "./changes.ts";
import { KeyKeeper } from "./key-keeper.ts";
import type { Target } from "./load.ts";
import { servers, toolsets } from "./things.ts";

export function everyChange(): readonly Changes[] {
  return [
    new Administrator("ada", servers),
    new Administrator("ben", servers),
    new Administrator("cleo", toolsets),
    new KeyKeeper(),
  ];
}

export async function lostChanges(target: Target, changing: readonly Changes[]): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const one of changing) lost.push(...(await one.lost(target)));
  return lost;
}
