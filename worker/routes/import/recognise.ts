/** Which kind of configuration file this is, by what stands in it; its entries, one reader each. */
import { z } from "zod";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { readEntry, type Read } from "./entry.ts";
import type { Values } from "./placeholders.ts";
import { readRegistryEntry } from "./registry-entry.ts";

const maxEntries = 1_000;
const named = z.record(z.string(), z.unknown());
const inputsSchema = z
  .array(
    z.looseObject({ id: z.string().optional(), default: z.unknown().optional(), password: z.unknown().optional() }),
  )
  .describe("VS Code's `inputs`; only their defaults are used.");

export const fileSchema = z
  .looseObject({
    mcpServers: named.optional().describe("Claude Desktop, Claude Code, Cursor and others."),
    servers: z
      .union([named, z.array(z.unknown())])
      .optional()
      .describe("VS Code, or a page of the MCP Registry."),
    inputs: inputsSchema.optional(),
    mcp: z
      .looseObject({ servers: named, inputs: inputsSchema.optional() })
      .optional()
      .describe("VS Code's settings.json."),
    server: z.looseObject({}).optional().describe("A `server.json` in the registry's wrapper."),
    name: z.string().optional(),
    remotes: z.array(z.unknown()).optional().describe("A bare `server.json`."),
    packages: z.array(z.unknown()).optional(),
  })
  .meta({ id: "ConfigurationFile" });

type File = z.infer<typeof fileSchema>;

export interface Candidate {
  readonly name: string;
  readonly read: Read;
}

/** Members that are about the file itself, so that nobody misses them. */
const silent: ReadonlySet<string> = new Set(["$schema", "inputs", "_meta", "metadata"]);

export interface Recognised {
  readonly candidates: readonly Candidate[];
  /** Top-level members that were not read. */
  readonly ignored: readonly string[];
}

export function recognise(file: File): Outcome<Recognised> {
  const { candidates, used } = candidatesOf(file);
  if (used.length === 0) {
    const message = "holds no servers: expected mcpServers, servers, mcp.servers, or a server.json with remotes";
    return failure({ code: "invalid_fields", fields: [{ path: "", message }] });
  }
  if (candidates.length > maxEntries) {
    const message = `holds more than ${maxEntries} entries`;
    return failure({ code: "invalid_fields", fields: [{ path: `/${used[0]}`, message }] });
  }
  const ignored = Object.keys(file).filter((name) => !used.includes(name) && !silent.has(name));
  return success({ candidates, ignored });
}

function candidatesOf(file: File): { candidates: Candidate[]; used: string[] } {
  const { mcpServers, servers, mcp, server, inputs } = file;
  if (server || file.remotes || file.packages) {
    const one = registryCandidate(server ? file : { server: file });
    return { candidates: [one], used: server ? ["server"] : Object.keys(file) };
  }
  const candidates = [
    ...plainCandidates(mcpServers, inputs),
    ...(Array.isArray(servers) ? servers.map(registryCandidate) : plainCandidates(servers, inputs)),
    ...plainCandidates(mcp?.servers, mcp?.inputs),
  ];
  const used = Object.entries({ mcpServers, servers, mcp }).flatMap(([name, value]) => (value ? [name] : []));
  return { candidates, used };
}

function plainCandidates(entries: Readonly<Record<string, unknown>> | undefined, inputs: File["inputs"]): Candidate[] {
  const values = defaultsOf(inputs);
  return Object.entries(entries ?? {}).map(([name, value]) => ({ name, read: readEntry(value, values) }));
}

/** Bare, or wrapped as `{ "server": …, "_meta": … }`. */
function registryCandidate(item: unknown): Candidate {
  const wrapped = z.looseObject({ server: z.unknown() }).safeParse(item);
  const bare = wrapped.success && wrapped.data.server !== undefined ? wrapped.data.server : item;
  const name = z.looseObject({ name: z.string() }).safeParse(bare);
  return { name: name.success ? name.data.name : "", read: readRegistryEntry(bare) };
}

function defaultsOf(inputs: File["inputs"]): Values {
  return new Map(
    (inputs ?? []).flatMap(({ id, default: value, password }) =>
      id !== undefined && typeof value === "string" && password !== true ? [[id, value] as const] : [],
    ),
  );
}
