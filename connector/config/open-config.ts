/** The file that says which servers to run here. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import type { ConfigEntry, HttpEntry, StdioEntry } from "../../core/config/entry.ts";
import { readConfig } from "../../core/config/read-config.ts";
import { variablesOf } from "../../core/config/variables.ts";
import { badUsage, Complaint, why } from "../complaint.ts";
import { readEnvFile } from "./env-file.ts";

export type Runnable = StdioEntry | HttpEntry;

export interface LeftOut {
  readonly id: string;
  readonly reason: string;
}

export interface OpenedConfig {
  readonly runnable: readonly Runnable[];
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly LeftOut[];
}

export async function openConfig(path: string, only: readonly string[] | undefined): Promise<OpenedConfig> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((reason: unknown) => {
    throw new Complaint(`cannot read ${file}: ${why(reason)}`);
  });
  const folder = dirname(file);
  const surroundings = { environment: process.env, home: homedir(), folder };
  const { entries, problems } = readConfig(text, { source: file, resolve: variablesOf(surroundings) });
  const problem = problems[0];
  if (problem) throw new Complaint(problem.line);
  const wanted = only ? onlyThose(entries, only) : entries;
  const runnable: Runnable[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of wanted) {
    const found = await prepared(entry, folder);
    if (typeof found === "string") leftOut.push({ id: entry.id, reason: found });
    else runnable.push(found);
  }
  const notes = runnable.flatMap((entry) => entry.notes.map((note) => ({ id: entry.id, reason: note })));
  return { runnable, leftOut, notes };
}

function onlyThose(entries: readonly ConfigEntry[], only: readonly string[]): readonly ConfigEntry[] {
  const named = (entry: ConfigEntry): boolean => only.includes(entry.id) || only.includes(entry.name);
  const missing = only.find((wanted) => !entries.some(({ id, name }) => id === wanted || name === wanted));
  if (missing === undefined) return entries.filter(named);
  throw badUsage(
    `--only: the file has no server '${missing}', but ${entries.map(({ id }) => id).join(", ") || "none"}`,
  );
}

/** The entry as it can be run; or why it cannot. */
async function prepared(entry: ConfigEntry, folder: string): Promise<Runnable | string> {
  if (entry.is === "refused") return entry.reason;
  if (entry.disabled) return "It is disabled in the file.";
  if (entry.needs.length > 0) return `It needs a value that the environment does not have: ${entry.needs.join(", ")}.`;
  if (entry.is === "http" || (entry.envFile === undefined && entry.cwd === undefined)) return entry;
  const cwd = entry.cwd === undefined ? {} : { cwd: resolve(folder, entry.cwd) };
  if (entry.envFile === undefined) return { ...entry, ...cwd };
  const path = resolve(folder, entry.envFile);
  const env = await readEnvFile(path).catch((reason: unknown) => `Its envFile ${path} cannot be read: ${why(reason)}.`);
  return typeof env === "string" ? env : { ...entry, ...cwd, env: { ...env, ...entry.env } };
}
