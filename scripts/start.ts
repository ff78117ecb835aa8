/** `npm start`: the whole gateway on one machine, on plain workerd. The order of things is this page. */
import type { Gateway } from "./start/ask.ts";
import { complain } from "./start/complaint.ts";
import { readConfigFile } from "./start/config-file.ts";
import { exampleIds, startExamples, type Example, type ExampleId } from "./start/examples.ts";
import { makeFirstKey, ownKey, stillWorks, type OwnKey } from "./start/first-key.ts";
import { importConfig } from "./start/import-config.ts";
import { claimFolder } from "./start/lock.ts";
import { isLoopback } from "./start/loopback.ts";
import { helpText, readOptions, type Options } from "./start/options.ts";
import { countServers, isRegistered, register, setShards } from "./start/register.ts";
import { chooseSample, openReport, type Report } from "./start/report.ts";
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

  // A fresh gateway gets every example, so they start while it does; later ones only those that were kept.
  const early = options.examples && state.fresh ? startExamples(exampleIds, state.dir) : undefined;
  const serving = { options, state, adminKey: own.key, report, noted };
  const { gateway, url, selfSignedPath } = await serve(serving);
  if (options.shards !== undefined) await setShards(gateway, options.shards);
  const firstKey = state.fresh && !own.passed ? await makeFirstKey(gateway) : undefined;

  const examples = early ?? startExamples(options.examples ? await keptExamples(gateway) : [], state.dir);
  await Promise.all(examples.map((example) => registerExample(gateway, example, report)));
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
    sample: options.json ? undefined : await chooseSample(gateway),
    warnings: warnings(options),
  });
}

async function keptExamples(gateway: Gateway): Promise<readonly ExampleId[]> {
  const kept = await Promise.all(exampleIds.map((id) => isRegistered(gateway, id)));
  return exampleIds.filter((_, index) => kept[index]);
}

/** A gateway without its examples is still a gateway: what went wrong is said, and the start goes on. */
async function registerExample(gateway: Gateway, starting: Promise<Example>, report: Report): Promise<void> {
  const example = await starting;
  report.step(example.id, example.trouble ?? (await register(gateway, example)));
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
