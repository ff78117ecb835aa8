/** Reads files as their users have them, with these variables and no others. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigEntry } from "../../../core/config/entry.ts";
import { readConfig, type Config } from "../../../core/config/read-config.ts";
import { variablesOf } from "../../../core/config/variables.ts";

type Environment = Readonly<Record<string, string>>;

export function read(given: unknown, environment: Environment = {}): Config {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  const resolve = variablesOf({ environment, home: "/home/ada", folder: "/work" });
  return readConfig(text, { source: "mcp.json", resolve });
}

export function readFile(name: string, environment: Environment = {}): readonly ConfigEntry[] {
  const config = read(readFileSync(join(import.meta.dirname, "files", name), "utf8"), environment);
  if (config.problems.length > 0) throw new Error(config.problems[0]?.message);
  return config.entries;
}

/** The only entry of a file with this one in it. */
export function readEntry(entry: unknown, environment: Environment = {}): ConfigEntry | undefined {
  return read({ mcpServers: { it: entry } }, environment).entries[0];
}
