/** `--config`: the servers of an mcp.json, claude_desktop_config.json or VS Code file, read by the gateway itself. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ask, problemOf, type Gateway } from "./ask.ts";
import { Complaint, why } from "./complaint.ts";
import { member, textMember } from "./json.ts";

/** Read before anything is started, so that a typing mistake costs no time. */
export async function readConfig(path: string): Promise<string> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((reason: unknown) => {
    throw new Complaint(`cannot read --config ${file}: ${why(reason)}`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch (reason) {
    throw new Complaint(`--config ${file} is not valid JSON: ${why(reason)}`);
  }
  throw new Complaint(`--config ${file} holds no JSON object`);
}

export interface Imported {
  readonly id: string;
  readonly outcome: string;
}

/** One line per entry of the file: registered, already there, or why not. */
export async function importConfig(gateway: Gateway, text: string): Promise<readonly Imported[]> {
  const answer = await ask(gateway, "/servers:import", { method: "POST", body: text, timeoutMs: 120_000 });
  if (answer.status >= 300) throw new Complaint(`the gateway would not take --config: ${problemOf(answer)}`);
  return outcomes(answer.body);
}

function outcomes(body: unknown): readonly Imported[] {
  const entries = member(body, "servers") ?? member(body, "entries");
  if (!Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => ({
    id: textMember(entry, "id") ?? "?",
    outcome: textMember(entry, "outcome") ?? "?",
  }));
}
