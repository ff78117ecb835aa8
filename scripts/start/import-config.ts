/** `--config`: the servers of an mcp.json, claude_desktop_config.json or VS Code file, read by the gateway itself. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ask, problemOf, type Gateway } from "./ask.ts";
import { Complaint, why } from "./complaint.ts";
import { member, textMember } from "./json.ts";
import { settledState } from "./register.ts";

/** Read before anything is started, so that a typing mistake costs no time. */
export async function readConfig(path: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((reason: unknown) => {
    throw new Complaint(`cannot read --config ${file}: ${why(reason)}`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (reason) {
    throw new Complaint(`--config ${file} is not valid JSON: ${why(reason)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Complaint(`--config ${file} holds no JSON object`);
  }
  return fillIn(text, environment);
}

/**
 * `${NAME}`, `${NAME:-default}` and `${env:NAME}` of variables that are set here; the gateway, which knows no
 * environment, says what is still missing. The gateway's own keys are never filled in.
 */
export function fillIn(text: string, environment: NodeJS.ProcessEnv): string {
  return text.replaceAll(/\$\{(?:env:)?([A-Za-z_]\w*)(?::-[^{}]*)?\}/g, (whole, name: string) => {
    const value = name.startsWith("PATCHBAY_") ? undefined : environment[name];
    // What is filled in stands inside a JSON string.
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
}

export interface Imported {
  readonly name: string;
  readonly outcome: string;
}

/** One line per entry of the file: registered and how it does, already there, or why not. */
export async function importConfig(gateway: Gateway, text: string): Promise<readonly Imported[]> {
  const answer = await ask(gateway, "/servers:import", { method: "POST", body: text, timeoutMs: 120_000 });
  if (answer.status >= 300) throw new Complaint(`the gateway would not take --config: ${problemOf(answer)}`);
  const entries = member(answer.body, "entries");
  if (!Array.isArray(entries)) return [];
  return await Promise.all(
    entries.map(async (entry: unknown) => ({
      name: textMember(entry, "name") ?? "?",
      outcome: await outcomeOf(gateway, entry),
    })),
  );
}

const words: Readonly<Record<string, string>> = {
  exists: "already there",
  needs_secret: "left out",
  needs_connector: "left out",
  refused: "refused",
};

async function outcomeOf(gateway: Gateway, entry: unknown): Promise<string> {
  const [id, result] = [textMember(entry, "id"), textMember(entry, "result") ?? "?"];
  const reason = textMember(entry, "reason") ?? "";
  const outcome = result === "registered" && id !== undefined ? await settledState(gateway, id) : words[result];
  return reason === "" ? (outcome ?? result) : `${outcome ?? result}. ${reason}`;
}
