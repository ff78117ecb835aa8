/** The MCP Inspector's command line, the client that people try a server with first. One run is one request. */
import { join } from "node:path";
import { programOf, runProgram } from "./programs.ts";

/** What it is told about eras: `auto` finds out what is behind the URL, and takes the newest. */
export const inspectorModes = ["legacy", "auto", "modern"] as const;
export type InspectorMode = (typeof inspectorModes)[number];

export interface Inspection {
  /** 0 when all went well; 5 when the tool itself says that it failed. */
  readonly code: number | null;
  /** What it printed, as JSON; `result` of it, if there is one. */
  readonly result: unknown;
  /** Everything it printed, for people who look at a failed test. */
  readonly said: string;
}

export interface InspectorDoor {
  readonly url: string;
  readonly key: string;
  readonly mode: InspectorMode;
  /** Where it keeps what it wants to remember. */
  readonly folder: string;
}

const boundMs = 60_000;

/** `more` are its own options, such as `["--tool-name", "echo"]`. */
export async function inspect(door: InspectorDoor, method: string, more: readonly string[] = []): Promise<Inspection> {
  const { url, key, mode, folder } = door;
  const program = programOf("@modelcontextprotocol/inspector", "mcp-inspector");
  const where = ["--cli", url, "--transport", "http", "--protocol-era", mode];
  const what = ["--header", `Authorization: Bearer ${key}`, "--format", "json", "--method", method, ...more];
  const env = { MCP_CATALOG_PATH: join(folder, "inspector.json") };
  const { code, stdout, stderr } = await runProgram([program, ...where, ...what], boundMs, env);
  return { code, result: resultIn(stdout), said: `${stdout}\n${stderr}` };
}

function resultIn(stdout: string): unknown {
  try {
    return (JSON.parse(stdout) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}
