/** `npm run example:fleet-170`: a gateway with three shards, and three connectors with 170 servers. The order of things is this page. */
import { delimiter, dirname, join } from "node:path";
import type { Gateway } from "../../scripts/start/ask.ts";
import { complain } from "../../scripts/start/complaint.ts";
import { connectorKey } from "../../scripts/start/connector-key.ts";
import { runConnector } from "../../scripts/start/connector.ts";
import { makeFolder } from "../../scripts/start/state.ts";
import { isStopping, stopEverything, stopOnSignals } from "../../scripts/start/stop.ts";
import { describeFleet, folder, type Described } from "./start/description.ts";
import { runGateway } from "./start/gateway.ts";
import { installServers } from "./start/install.ts";
import { memoryByPart } from "./start/memory.ts";
import { helpText, readOptions, type Options } from "./start/options.ts";
import { openReport } from "./start/report.ts";
import { writeSales } from "./start/sales.ts";
import { waitForServers } from "./start/wait.ts";

stopOnSignals();
try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") console.log(helpText);
  else await start(options);
} catch (reason) {
  // What breaks because we are stopping is nobody's trouble.
  if (!isStopping()) {
    process.exitCode = complain(reason);
    await stopEverything();
  }
}

async function start(options: Options): Promise<void> {
  const report = openReport(options.json);
  const fleet = await describeFleet(options.each);
  await installServers(fleet, report);
  const from = performance.now();
  const data = await dataFolder(options);
  const served = await runGateway(options, data);
  report.step("gateway", `answers on ${served.url} with ${served.shards} shards`);
  const connectors = await connect(options, fleet, served.gateway, data);
  report.step("connectors", fleet.map(({ name, servers }) => `${name} with ${servers.length} servers`).join(", "));
  const standing = await waitForServers(served.gateway, fleet, report);
  report.ready({
    url: served.url,
    key: served.key,
    ...standing,
    seconds: Math.round((performance.now() - from) / 100) / 10,
    memory: await memoryByPart(join(data, "gateway"), connectors),
  });
}

async function dataFolder(options: Options): Promise<string> {
  await makeFolder(options.dataDir);
  writeSales(join(options.dataDir, "sales.db"));
  return options.dataDir;
}

/** Answers where their process ids are found, as they may be started again. */
async function connect(
  options: Options,
  fleet: Described,
  gateway: Gateway,
  data: string,
): Promise<ReadonlyMap<string, number>> {
  const key = await connectorKey(gateway, data);
  const processes = new Map<string, number>();
  for (const { name, configPath, servers } of fleet) {
    runConnector({
      gateway: gateway.origin,
      key,
      name,
      configPath,
      ...(options.each !== undefined && { only: servers.map(({ id }) => id) }),
      cwd: folder,
      logPath: join(data, `connector-${name}.log`),
      ...(options.lazy && { idleSeconds: options.idle }),
      env: { FLEET_DATA: data, FLEET_GATEWAY: gateway.origin, PATH: pathWithNode() },
      noted: (pid) => processes.set(name, pid),
    });
  }
  return processes;
}

/** The files say `node`, and mean this one. */
function pathWithNode(): string {
  return [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
}
