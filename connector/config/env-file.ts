/** A file of `NAME=value` lines, as Node and VS Code read it. */
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";

export async function readEnvFile(path: string): Promise<Record<string, string>> {
  const values = parseEnv(await readFile(path, "utf8"));
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) env[name] = value;
  return env;
}
