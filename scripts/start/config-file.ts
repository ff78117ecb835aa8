/** `--config`: a configuration file as its user has it, with the variables of this machine. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import type { ConfigEntry } from "../../core/config/entry.ts";
import { readConfig } from "../../core/config/read-config.ts";
import { variablesOf } from "../../core/config/variables.ts";
import { Complaint, why } from "./complaint.ts";

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly entries: readonly ConfigEntry[];
  /** Members of the file that were not read. */
  readonly ignored: readonly string[];
}

/** Read before anything is started, so that a typing mistake costs no time. */
export async function readConfigFile(given: string, environment: NodeJS.ProcessEnv): Promise<ConfigFile> {
  const path = resolve(given);
  const text = await readFile(path, "utf8").catch((reason: unknown) => {
    throw new Complaint(`cannot read --config ${path}: ${why(reason)}`);
  });
  const surroundings = { environment, home: homedir(), folder: dirname(path) };
  const { entries, problems, ignored } = readConfig(text, { source: path, resolve: variablesOf(surroundings) });
  const [problem] = problems;
  if (problem) throw new Complaint(`cannot use --config ${problem.line}`);
  return { path, entries, ignored };
}
