/** Brings the servers of a configuration file to the gateway, and says of every entry what became of it. */
import type { ConfigEntry, StdioEntry } from "../../core/config/entry.ts";
import { ask, problemOf, type Gateway } from "./ask.ts";
import { Complaint } from "./complaint.ts";
import type { ConfigFile } from "./config-file.ts";
import { member, textMember } from "./json.ts";
import { settledState } from "./register.ts";
import type { Report } from "./report.ts";
import { runCommands } from "./run-commands.ts";

export interface Importing {
  readonly gateway: Gateway;
  readonly report: Report;
  readonly config: ConfigFile;
  /** The data folder. */
  readonly dir: string;
}

export async function importConfig({ gateway, report, config, dir }: Importing): Promise<void> {
  const answers = await register(gateway, config.entries);
  const say = (entry: ConfigEntry, outcome: string): void => {
    const words = [outcome.replace(/\.$/, ""), ...entry.notes].join(". ");
    report.step(entry.name === "" ? entry.id : entry.name, words);
  };
  const toRun: StdioEntry[] = [];
  const settling: Promise<void>[] = [];
  for (const entry of config.entries) {
    const early = earlyOutcome(entry);
    const answer = early === undefined ? answers.get(entry.id) : undefined;
    const result = textMember(answer, "result");
    if (early !== undefined) say(entry, early);
    else if (result !== "registered" && result !== "exists") {
      say(entry, `refused. ${textMember(answer, "reason") ?? "The gateway has no word for it"}`);
    } else if (entry.is === "stdio") {
      if (entry.disabled) say(entry, "disabled, so it is not started");
      else toRun.push(entry);
    } else if (result === "exists") say(entry, "already there");
    else settling.push(settledState(gateway, entry.id).then((state) => say(entry, state)));
  }
  if (toRun.length > 0) settling.push(runCommands({ gateway, config, entries: toRun, dir, say }));
  if (config.ignored.length > 0) report.step("config", `not read: ${config.ignored.join(", ").slice(0, 300)}`);
  await Promise.all(settling);
}

/** What is clear without asking the gateway. */
function earlyOutcome(entry: ConfigEntry): string | undefined {
  if (entry.is === "refused" && !entry.behindConnector) return `refused. ${entry.reason}`;
  if (entry.needs.length === 0) return undefined;
  return `left out. It needs a secret that the environment does not hold: ${entry.needs.map(variableOf).join(", ")}`;
}

/** An input or a registry's variable is no word of a shell: it is read from INPUT_…, see core/config/variables.ts. */
function variableOf(need: string): string {
  return /^[A-Z][A-Z0-9_]*$/.test(need) ? need : `${need} (an input is read from INPUT_…)`;
}

/** Every value is put in already, and may hold anything. */
async function register(gateway: Gateway, entries: readonly ConfigEntry[]): Promise<ReadonlyMap<string, unknown>> {
  const whole = entries.filter((entry) => earlyOutcome(entry) === undefined);
  if (whole.length === 0) return new Map();
  const body = { mcpServers: Object.fromEntries(whole.map((entry) => [entry.id, asSent(entry)])) };
  const path = "/servers:import?literal=true&withConnector=true";
  const answer = await ask(gateway, path, { method: "POST", body, timeoutMs: 120_000 });
  if (answer.status >= 300) throw new Complaint(`the gateway would not take --config: ${problemOf(answer)}`);
  const lines = member(answer.body, "entries");
  return new Map(Array.isArray(lines) ? lines.map((line: unknown) => [textMember(line, "id") ?? "", line]) : []);
}

/** A command stays here, and so do its variables: the gateway learns that there is such a server. */
function asSent(entry: ConfigEntry): object {
  return {
    ...entry.settings,
    ...(entry.title === undefined ? {} : { title: entry.title }),
    ...(entry.disabled ? { disabled: true } : {}),
    ...(entry.is === "http"
      ? { url: entry.url, headers: entry.headers, ...(entry.kind ? { kind: entry.kind } : {}) }
      : { kind: "connector" }),
  };
}
