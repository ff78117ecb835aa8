/**
 * The configuration files that people already have, read the same way by the gateway, by `npm start` and by the
 * connector. Every entry of the file is an entry of the answer, whatever is wrong with it; a file with a problem has none.
 */
import { readClientEntry } from "./client-entry.ts";
import { recognise, type Candidate, type Inputs } from "./document.ts";
import { refused, type ConfigEntry, type Reading } from "./entry.ts";
import { fitId } from "./fit-id.ts";
import { readJsonc } from "./jsonc.ts";
import type { Resolve, Values } from "./placeholders.ts";
import type { ConfigProblem, PlacedProblem } from "./problem.ts";
import { readServerJson } from "./server-json.ts";

export interface ConfigOptions {
  /** What to call the file when something is wrong with it. */
  readonly source: string;
  /** A variable's value; asked for an input as `input:id`. */
  readonly resolve: Resolve;
  /** The values have been put in already, so that every `${…}` stands for itself. */
  readonly literal?: boolean;
}

export interface Config {
  readonly entries: readonly ConfigEntry[];
  readonly problems: readonly PlacedProblem[];
  /** Members of the file that were not read. */
  readonly ignored: readonly string[];
}

export function readConfig(text: string, options: ConfigOptions): Config {
  const read = readJsonc(text);
  if ("code" in read) return broken(read, options);
  const file = recognise(read.value);
  const [duplicate] = read.duplicates;
  if ("code" in file) return broken(duplicate === undefined ? file : standsTwice(duplicate), options);
  const { candidates, containers, ignored } = file;
  const inEntry = (path: string): boolean => candidates.some((one) => within(path, one));
  const isEntry = (path: string): boolean => containers.includes(path.slice(0, path.lastIndexOf("/")));
  const outside = read.duplicates.find((path) => !isEntry(path) && !inEntry(path));
  if (outside !== undefined) return broken(standsTwice(outside), options);
  const again = candidates.flatMap((one) => read.duplicates.filter((path) => path === one.path).map(() => one));
  const taken = new Set<string>();
  const entries = [
    ...candidates.map((one) => entryOf(one, readingOf(one, read.duplicates, options), taken)),
    ...again.map((one) => named(one, refused("The file has two servers of this name; the first was taken."))),
  ];
  return { entries, problems: [], ignored };
}

/** A file that is one entry as a whole has no inside: what stands twice there, stands twice in the file. */
function within(path: string, one: Candidate): boolean {
  return one.path !== "" && path.startsWith(`${one.path}/`);
}

function broken(problem: ConfigProblem, { source }: ConfigOptions): Config {
  const where = problem.path === "" ? source : `${source}, ${problem.path}`;
  return { entries: [], problems: [{ ...problem, line: `${where}: ${problem.message}` }], ignored: [] };
}

function standsTwice(path: string): ConfigProblem {
  return { code: "duplicate_key", path, message: "stands twice" };
}

function readingOf(one: Candidate, duplicates: readonly string[], options: ConfigOptions): Reading {
  const twice = duplicates.find((path) => within(path, one));
  if (twice !== undefined) return refused(`${twice.slice(one.path.length + 1)} stands twice.`);
  const id = fitId(one.name);
  const values = valuesFor(one.inputs, options);
  return one.of === "client" ? readClientEntry(id, one.given, values) : readServerJson(id, one.given, values);
}

/** The second of two names that come to the same id is told, and the first is kept. */
function entryOf(one: Candidate, reading: Reading, taken: Set<string>): ConfigEntry {
  const entry = named(one, reading);
  const key = entry.id.toLowerCase();
  if (entry.is === "refused" && !entry.behindConnector) return entry;
  if (taken.has(key)) {
    return named(one, refused(`Another entry of this file has the id "${entry.id}"; the first was taken.`));
  }
  taken.add(key);
  return entry;
}

function named(one: Candidate, reading: Reading): ConfigEntry {
  const id = fitId(one.name);
  if (id === one.name) return { id, name: one.name, ...reading };
  const shown = one.name.slice(0, 200);
  const note = `"${shown}" cannot be an id, so it is "${id}" here.`;
  const title = reading.title ?? shown;
  return { id, name: one.name, ...reading, ...(title === "" ? {} : { title }), notes: [note, ...reading.notes] };
}

function valuesFor(inputs: Inputs, { resolve, literal }: ConfigOptions): Values {
  return {
    variable: resolve,
    input: (id) => resolve(`input:${id}`) ?? defaultOf(inputs, id),
    ...(literal === undefined ? {} : { literal }),
  };
}

/** A password's default is what the field shows, not what is meant. */
function defaultOf(inputs: Inputs, id: string): string | undefined {
  const input = inputs.find((one) => one.id === id);
  return typeof input?.default === "string" && input.password !== true ? input.default : undefined;
}
