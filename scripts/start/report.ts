/** What the user sees: a line per step, and at the end what to do next. With --json, stdout is for the one line alone. */
import { ask, type Gateway } from "./ask.ts";
import { member, textMember } from "./json.ts";

export interface Report {
  step(what: string, outcome: string): void;
  ready(ready: Ready): void;
}

export interface Ready {
  readonly url: string;
  readonly key: string;
  readonly keyNote: readonly string[];
  readonly shards: number;
  readonly servers: number;
  readonly certificatePath: string | undefined;
  /** To paste one after the other. */
  readonly samples: readonly Sample[];
  readonly warnings: readonly string[];
}

export interface Sample {
  readonly label: string;
  readonly tool: string;
  readonly arguments: unknown;
}

export function openReport(json: boolean): Report {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  return {
    step: (what, outcome) => say(`  ${what.padEnd(19)} ${outcome}`),
    ready: (ready) => {
      if (json) process.stdout.write(`${JSON.stringify(readyLine(ready))}\n`);
      else for (const line of readyText(ready)) say(line);
    },
  };
}

function readyLine({ url, key, shards, servers }: Ready): object {
  return { ready: true, url, key, shards, servers };
}

function readyText(ready: Ready): readonly string[] {
  return [
    "",
    `Patchbay is ready: ${ready.url}`,
    "",
    ...row("Key", ready.key, ...ready.keyNote),
    ...row("Docs", `${ready.url}/docs`),
    ...(ready.certificatePath === undefined ? [] : row("Certificate", `${ready.certificatePath} (self-signed)`)),
    ...ready.samples.flatMap((sample) => row(sample.label, curl(ready, sample))),
    ...row("Stop", "Ctrl-C"),
    ...ready.warnings.flatMap((warning) => ["", `Note: ${warning}`]),
    "",
  ];
}

function row(label: string, ...lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(12)} ${line}`);
}

/** One line that a shell of this platform takes as it stands. */
export function curl(ready: Pick<Ready, "url" | "key" | "certificatePath">, sample: Sample): string {
  const call = { tool: sample.tool, arguments: sample.arguments };
  const windows = process.platform === "win32";
  const quote = (text: string): string =>
    windows ? `"${text.replaceAll('"', '\\"')}"` : `'${text.replaceAll("'", "'\\''")}'`;
  const trust = ready.certificatePath === undefined ? "" : ` --cacert ${quote(ready.certificatePath)}`;
  const headers = `-H ${quote(`Authorization: Bearer ${ready.key}`)} -H ${quote("Content-Type: application/json")}`;
  return `curl -s${trust} ${ready.url}/call ${headers} -d ${quote(JSON.stringify(call))}`;
}

/** The memory example is told something and says it again; else the first tool that needs no arguments. */
export async function chooseSamples(gateway: Gateway): Promise<readonly Sample[]> {
  const { body } = await ask(gateway, "/tools?limit=100");
  const tools = member(body, "tools");
  if (!Array.isArray(tools)) return [];
  if (tools.some((tool) => member(tool, "name") === "memory__create_entities")) return [remember, recall];
  const plain = tools.find((tool) => {
    const required = member(member(tool, "inputSchema"), "required");
    return !Array.isArray(required) || required.length === 0;
  });
  const name = textMember(plain, "name");
  return name !== undefined ? [{ label: "Try it", tool: name, arguments: {} }] : [];
}

const remember: Sample = {
  label: "Remember",
  tool: "memory__create_entities",
  arguments: { entities: [{ name: "Patchbay", entityType: "gateway", observations: ["made this call"] }] },
};

const recall: Sample = { label: "Recall", tool: "memory__open_nodes", arguments: { names: ["Patchbay"] } };
