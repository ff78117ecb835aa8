/** The servers of a configuration file that a command starts: run here by a connector, which dials the gateway. */
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ConfigEntry, StdioEntry } from "../../core/config/entry.ts";
import type { Gateway } from "./ask.ts";
import type { ConfigFile } from "./config-file.ts";
import { connectorKey } from "./connector-key.ts";
import { runConnector } from "./connector.ts";
import { readOffers } from "./offers.ts";
import { kindOf, settledState } from "./register.ts";
import { isStopping } from "./stop.ts";

/** How the connector of this start is called. */
const name = "npm-start";
/** A first `npx` has to fetch its package. */
const longestWaitMs = 60_000;

type Say = (entry: ConfigEntry, outcome: string) => void;

export interface Running {
  readonly gateway: Gateway;
  readonly config: ConfigFile;
  readonly entries: readonly StdioEntry[];
  /** The data folder. */
  readonly dir: string;
  readonly say: Say;
}

export async function runCommands({ gateway, config, entries, dir, say }: Running): Promise<void> {
  const ours: StdioEntry[] = [];
  for (const entry of entries) {
    const kind = await kindOf(gateway, entry.id);
    if (kind === "connector") ours.push(entry);
    else say(entry, `already there as a server of kind ${kind ?? "http"}, so its command is not run`);
  }
  if (ours.length === 0) return;
  const logPath = join(dir, "connector.log");
  runConnector({
    gateway: gateway.origin,
    key: await connectorKey(gateway, dir),
    name,
    configPath: config.path,
    only: ours.map(({ id }) => id),
    cwd: dirname(config.path),
    logPath,
  });
  await waitForThem({ gateway, waiting: new Set(ours), logPath, say });
}

interface Waiting {
  readonly gateway: Gateway;
  readonly waiting: Set<StdioEntry>;
  readonly logPath: string;
  readonly say: Say;
}

async function waitForThem({ gateway, waiting, logPath, say }: Waiting): Promise<void> {
  const settling: Promise<void>[] = [];
  for (
    const end = Date.now() + longestWaitMs;
    waiting.size > 0 && Date.now() < end && !isStopping();
    await pause(150)
  ) {
    const offers = await readOffers(gateway);
    for (const entry of waiting) {
      const offer = offers.get(entry.id);
      if (offer === undefined || offer.state === "starting") continue;
      waiting.delete(entry);
      if (offer.state === "down") say(entry, `down: ${offer.reason}`);
      else settling.push(settledState(gateway, entry.id).then((outcome) => say(entry, outcome)));
    }
  }
  for (const entry of waiting) say(entry, `still starting after ${longestWaitMs / 1000} s; log: ${logPath}`);
  await Promise.all(settling);
}
