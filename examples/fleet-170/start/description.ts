/** The fleet as its three files describe it. A server's title says its capability, then a colon and what is special. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { member, parseJson, textMember } from "../../../scripts/start/json.ts";

export const folder = join(import.meta.dirname, "..");
const names = ["first", "second", "third"] as const;

export interface DescribedServer {
  readonly id: string;
  readonly capability: string;
  /** It is a program of a package, and not of this folder. */
  readonly installed: boolean;
}

export interface DescribedConnector {
  readonly name: string;
  readonly configPath: string;
  readonly servers: readonly DescribedServer[];
}

export type Described = readonly DescribedConnector[];

export function describeFleet(each = Number.POSITIVE_INFINITY): Promise<Described> {
  return Promise.all(
    names.map(async (name) => {
      const configPath = join(folder, `${name}.json`);
      const entries = member(parseJson(await readFile(configPath, "utf8")), "mcpServers") ?? {};
      return { name, configPath, servers: Object.entries(entries).slice(0, each).map(describe) };
    }),
  );
}

function describe([id, entry]: readonly [string, unknown]): DescribedServer {
  const args = member(entry, "args");
  const installed = Array.isArray(args) && args.some((arg) => String(arg).startsWith("node_modules/"));
  return { id, capability: textMember(entry, "title")?.split(":")[0] ?? id, installed };
}
