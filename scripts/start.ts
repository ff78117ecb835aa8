/** `npm start`: the whole gateway on one machine, on plain workerd. The order of things is this page. */
import type { Gateway } from "./start/ask.ts";
import { complain } from "./start/complaint.ts";
import { readConfigFile } from "./start/config-file.ts";
import { startEverything } from "./start/everything.ts";
import { bringExamples } from "./start/examples.ts";
import { makeFirstKey, ownKey, stillWorks, type OwnKey } from "./start/first-key.ts";
import { importConfig } from "./start/import-config.ts";
import { claimFolder } from "./start/lock.ts";
import { isLoopback } from "./start/loopback.ts";
import { helpText, readOptions, type Options } from "./start/options.ts";
import { countServers, setShards } from "./start/register.ts";
import { chooseSamples, openReport, type Report } from "./start/report.ts";
import { serve } from "./start/serve.ts";
import { firstStart, openState, rememberFirstStart } from "./start/state.ts";
import { isStopping, stopEverything, stopOnSignals } from "./start/stop.ts";

export async function main(args: readonly string[]): Promise<void> {
  stopOnSignals();
  try {
    const options = readOptions(args);
    if (options === "help") console.log(helpText);
    else await start(options, ownKey(process.env), openReport(options.json));
  } catch (reason) {
    // What breaks because we are stopping is nobody's trouble.
    if (isStopping()) return;
    process.exitCode = complain(reason);
    await stopEverything();
  }
}

async function start(options: Options, own: OwnKey, report: Report): Promise<void> {
  const config = options.configPath === undefined ? undefined : await readConfigFile(options.configPath, process.env);
  const state = await openState(options.dataDir);
  const noted = await claimFolder(state.dir);
  report.step("data folder", `${state.dir}${state.fresh ? " (new)" : ""}`);

  // A fresh gateway gets every example, so what needs no gateway starts while that does.
  const everything = options.examples && state.fresh ? startEverything(state.dir) : undefined;
  const serving = { options, state, adminKey: own.key, report, noted };
  const { gateway, url, selfSignedPath } = await serve(serving);
  if (options.shards !== undefined) await setShards(gateway, options.shards);
  const firstKey = state.fresh && !own.passed ? await makeFirstKey(gateway) : undefined;

  if (options.examples) await bringExamples({ gateway, state, report, everything });
  if (config !== undefined) {
    await importConfig({ gateway, report, config, dir: state.dir });
  }
  if (state.fresh) await rememberFirstStart(state.dir, firstKey ? { keyId: firstKey.id } : {});

  report.ready({
    ...(await countServers(gateway)),
    url,
    key: firstKey?.key ?? own.key,
    keyNote: firstKey ? ["an admin key that lasts, shown this once: keep it"] : await keyNote(gateway, own, state.dir),
    certificatePath: selfSignedPath,
    samples: options.json ? [] : await chooseSamples(gateway),
    warnings: warnings(options),
  });
}

async function keyNote(gateway: Gateway, own: OwnKey, dir: string): Promise<readonly string[]> {
  if (own.passed) return ["the one in PATCHBAY_ADMIN_KEY, good for this start"];
  const first = await firstStart(dir);
  const kept = first?.keyId !== undefined && (await stillWorks(gateway, first.keyId));
  return ["an admin key for this start alone", ...(kept ? ["the key that the first start showed still works"] : [])];
}

function warnings(options: Options): readonly string[] {
  if (options.https || isLoopback(options.host)) return [];
  return [
    `${options.host} is open to the network over plain HTTP, so calls that carry a key are refused there; add --https.`,
  ];
}
