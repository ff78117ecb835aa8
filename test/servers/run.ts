/**
 * `npm run test:servers`: real servers from npm, listed through the gateway by the official clients of both eras, a line
 * each. They are installed into a temporary folder. Ends non-zero when one is not listed as it lists itself; without a
 * way to npm it says so and ends with 0.
 */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { endAll, runNode } from "../conformance/processes.ts";
import { cleanUp, startGateway, temporaryFolder, type TestGateway } from "../support/gateway.ts";
import { programOf } from "../support/programs.ts";
import { freePort } from "../../scripts/start/ports.ts";
import { install } from "./install.ts";
import { recipes, type Recipe } from "./recipes.ts";

const wholeBoundMs = 6 * 60_000;
const listenBoundMs = 30_000;

const folder = temporaryFolder();
const bound = setTimeout(() => {
  console.error(`servers: the run took longer than ${wholeBoundMs / 60_000} minutes`);
  process.exit(1);
}, wholeBoundMs);
// What we started ends with us, whatever ends us.
process.once("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const installed = await install(recipes, folder);
if (installed.is === "done") {
  const failed = await listAll();
  console.log(failed === 0 ? "\nservers: as expected" : `\nservers: ${failed} of ${recipes.length} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} else if (installed.is === "offline") {
  console.log(`servers: SKIPPED, npm cannot be reached from here (${installed.why})`);
} else {
  console.error(`servers: ${installed.why}`);
  process.exitCode = 1;
}
clearTimeout(bound);
endAll();
await cleanUp();

async function listAll(): Promise<number> {
  const gateway = await startGateway({ shards: 2 });
  let failed = 0;
  for (const recipe of recipes) {
    const fault = await listOne(gateway, recipe).catch((reason: unknown) => String(reason));
    const name = `${recipe.id.padEnd(11)} ${recipe.name}@${recipe.version}`;
    console.log(
      fault === undefined ? `ok     ${name} ${recipe.era} ${recipe.tools} tools` : `FAILED ${name}: ${fault}`,
    );
    if (fault !== undefined) failed += 1;
  }
  await gateway.stop();
  return failed;
}

/** What is wrong, if anything is. */
async function listOne(gateway: TestGateway, recipe: Recipe): Promise<string | undefined> {
  const { id, name, program } = recipe;
  const port = await freePort();
  const url = recipe.url(port);
  void runNode([programOf(name, program, folder), ...recipe.args(port)], wholeBoundMs);
  await untilListening(url);
  const made = await gateway.call("/servers?wait=ready", { method: "POST", body: { id, url } });
  const { state, era, reason } = made.body as { state?: string; era?: string; reason?: string };
  if (state !== "ready" || era !== recipe.era) return `it is ${state}, ${era}: ${reason} (${made.text})`;

  const own = await toolsAt(`${gateway.url}/mcp/servers/${id}`, "legacy", gateway.key);
  if (own.length !== recipe.tools) return `it has ${own.length} tools, not ${recipe.tools}`;
  // An HTTP+SSE server has no door for this client; there the number must do.
  const straight = url.endsWith("/mcp") ? await toolsAt(url, "legacy") : own;
  if (textOf(own) !== textOf(straight)) return "its tools are not as it lists them itself";
  const everything = await toolsAt(`${gateway.url}/mcp`, "auto", gateway.key);
  const names = new Set(everything.map((tool) => tool.name));
  const missing = own.filter((tool) => !names.has(`${id}__${tool.name}`));
  return missing.length > 0 ? `/mcp does not list ${missing.map((tool) => tool.name).join(", ")}` : undefined;
}

interface Tool {
  readonly name: string;
}

async function toolsAt(url: string, mode: "legacy" | "auto", key?: string): Promise<readonly Tool[]> {
  const client = new Client({ name: "servers-test", version: "1" }, { versionNegotiation: { mode } });
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  await client.close();
  return tools;
}

/** The gateway lists by name. */
function textOf(tools: readonly Tool[]): string {
  return JSON.stringify(tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
}

/** Any answer at all means that it listens. */
async function untilListening(url: string): Promise<void> {
  for (const end = Date.now() + listenBoundMs; Date.now() < end;) {
    const answered = await fetch(new URL("/nothing", url)).then(
      (response) => response.body?.cancel().then(() => true) ?? true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it does not listen after ${listenBoundMs / 1000} s`);
}
