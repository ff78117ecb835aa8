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
  readonly sample: Sample | undefined;
  readonly warnings: readonly string[];
}

/** A tool call to paste. */
export interface Sample {
  readonly tool: string;
  readonly arguments: unknown;
}

export function openReport(json: boolean): Report {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  return {
    step: (what, outcome) => say(`  ${what.padEnd(12)} ${outcome}`),
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
    ...(ready.sample ? row("Try it", curl(ready, ready.sample)) : []),
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
  const windows = process.platform === "win32";
  const quote = (text: string): string =>
    windows ? `"${text.replaceAll('"', '\\"')}"` : `'${text.replaceAll("'", "'\\''")}'`;
  const trust = ready.certificatePath === undefined ? "" : ` --cacert ${quote(ready.certificatePath)}`;
  const headers = `-H ${quote(`Authorization: Bearer ${ready.key}`)} -H ${quote("Content-Type: application/json")}`;
  return `curl -s${trust} ${ready.url}/call ${headers} -d ${quote(JSON.stringify(sample))}`;
}

/** The example's own tool, else the first tool that needs no arguments. */
export async function chooseSample(gateway: Gateway): Promise<Sample | undefined> {
  const { body } = await ask(gateway, "/tools?limit=100");
  const tools = member(body, "tools");
  if (!Array.isArray(tools)) return undefined;
  if (tools.some((tool) => member(tool, "name") === "memory__create_entities")) return remember;
  const plain = tools.find((tool) => {
    const required = member(member(tool, "inputSchema"), "required");
    return !Array.isArray(required) || required.length === 0;
  });
  const name = textMember(plain, "name");
  return name !== undefined ? { tool: name, arguments: {} } : undefined;
}

const remember: Sample = {
  tool: "memory__create_entities",
  arguments: { entities: [{ name: "Patchbay", entityType: "gateway", observations: ["made this call"] }] },
};
