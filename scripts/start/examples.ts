/** Real MCP servers from npm, so that a fresh gateway has something to call: one over HTTP, the others behind a connector. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Gateway } from "./ask.ts";
import { runConnector } from "./connector.ts";
import { connectorKey } from "./connector-key.ts";
import { startEverything, type Everything } from "./everything.ts";
import { waitForConnected } from "./offers.ts";
import { binOf } from "./packages.ts";
import { kindOf, register } from "./register.ts";
import type { Report } from "./report.ts";
import { makeFolder, readIfThere, writeSafely, type State } from "./state.ts";

interface Recipe {
  readonly title: string;
  readonly args: (dir: string) => readonly string[];
  readonly env?: (dir: string) => Readonly<Record<string, string>>;
}

/** Each is started with this Node. */
const recipes: Readonly<Record<string, Recipe>> = {
  memory: {
    title: "Example: a knowledge graph that remembers",
    args: () => [binOf("@modelcontextprotocol/server-memory", "mcp-server-memory")],
    env: (dir) => ({ MEMORY_FILE_PATH: join(dir, "memory.jsonl") }),
  },
  "sequential-thinking": {
    title: "Example: thinks step by step",
    args: () => [binOf("@modelcontextprotocol/server-sequential-thinking", "mcp-server-sequential-thinking")],
    env: () => ({ DISABLE_THOUGHT_LOGGING: "true" }),
  },
  filesystem: {
    title: "Example: reads and writes the sample folder",
    args: (dir) => [binOf("@modelcontextprotocol/server-filesystem", "mcp-server-filesystem"), join(dir, "files")],
  },
  chart: {
    title: "Example: AntV charts, drawn by AntV's service on the Internet",
    args: () => [binOf("@antv/mcp-server-chart", "mcp-server-chart")],
  },
};

const welcome = `This folder belongs to the example server "filesystem" of Patchbay.
Whoever may call its tools can read, write and move what is in here, and nothing else.
`;

export interface Examples {
  readonly gateway: Gateway;
  readonly state: State;
  readonly report: Report;
  /** Started while the gateway did. */
  readonly everything: Promise<Everything> | undefined;
}

/** A fresh gateway gets every example, later ones only those that were kept. What went wrong is said, and the start goes on. */
export async function bringExamples({ gateway, state, report, everything }: Examples): Promise<void> {
  const ids = state.fresh ? Object.keys(recipes) : await kept(gateway, Object.keys(recipes), "connector");
  const [overHttp] = state.fresh ? ["everything"] : await kept(gateway, ["everything"], "http");
  if (ids.length > 0) await connectExamples(gateway, state.dir, ids);
  await Promise.all([
    overHttp === undefined ? undefined : bringEverything(gateway, everything ?? startEverything(state.dir), report),
    waitForConnected(gateway, ids, (id, outcome) => report.step(id, outcome)),
  ]);
}

async function kept(gateway: Gateway, ids: readonly string[], kind: string): Promise<readonly string[]> {
  const kinds = await Promise.all(ids.map((id) => kindOf(gateway, id)));
  return ids.filter((_, index) => kinds[index] === kind);
}

async function bringEverything(gateway: Gateway, starting: Promise<Everything>, report: Report): Promise<void> {
  const everything = await starting;
  report.step(everything.id, everything.trouble ?? (await register(gateway, everything)));
}

async function connectExamples(gateway: Gateway, dir: string, ids: readonly string[]): Promise<void> {
  await makeFolder(join(dir, "files"));
  const letter = join(dir, "files", "welcome.txt");
  if ((await readIfThere(letter)) === undefined) await writeFile(letter, welcome);
  const configPath = join(dir, "examples.json");
  const entries = ids.flatMap((id) => {
    const recipe = recipes[id];
    return recipe ? [[id, entryOf(recipe, dir)] as const] : [];
  });
  await writeSafely(configPath, `${JSON.stringify({ mcpServers: Object.fromEntries(entries) }, null, 2)}\n`);
  runConnector({
    gateway: gateway.origin,
    key: await connectorKey(gateway, dir),
    name: "examples",
    configPath,
    cwd: dir,
    logPath: join(dir, "connector.log"),
  });
}

function entryOf({ title, args, env }: Recipe, dir: string): object {
  return { title, command: process.execPath, args: args(dir), ...(env && { env: env(dir) }) };
}
