/** Which kind of configuration file this is, by what stands in it, and where its entries are. */
import { z } from "zod";
import { escapePointer } from "./jsonc.ts";
import type { ConfigProblem } from "./problem.ts";

const maxEntries = 1_000;
const named = z.record(z.string(), z.unknown());
const inputsSchema = z
  .array(
    z.looseObject({ id: z.string().optional(), default: z.unknown().optional(), password: z.unknown().optional() }),
  )
  .describe("VS Code's `inputs`; only their defaults are used.");

export const configFileSchema = z
  .looseObject({
    mcpServers: named.optional().describe("Claude Desktop, Claude Code, Cursor and others; what an export gives."),
    servers: z
      .union([named, z.array(z.unknown())])
      .optional()
      .describe("VS Code, a page of the MCP Registry, or what `GET /servers` gives."),
    inputs: inputsSchema.optional(),
    context_servers: named.optional().describe("Zed's settings.json."),
    mcp: z
      .looseObject({ servers: named, inputs: inputsSchema.optional() })
      .optional()
      .describe("VS Code's settings.json."),
    server: z.looseObject({}).optional().describe("A `server.json` in the registry's wrapper."),
    id: z.string().optional().describe("One server, as `POST /servers` takes it."),
    name: z.string().optional(),
    remotes: z.array(z.unknown()).optional().describe("A bare `server.json`."),
    packages: z.array(z.unknown()).optional(),
  })
  .meta({ id: "ConfigurationFile" });

type ConfigFile = z.infer<typeof configFileSchema>;
export type Inputs = readonly { id?: string | undefined; default?: unknown; password?: unknown }[];

/** One entry, where it stands, and who reads it. */
export interface Candidate {
  readonly name: string;
  readonly given: unknown;
  readonly path: string;
  readonly of: "client" | "registry";
  readonly inputs: Inputs;
}

export interface Recognised {
  readonly candidates: readonly Candidate[];
  /** JSON pointers of the objects whose members are entries. */
  readonly containers: readonly string[];
  /** Members of the file that were not read. */
  readonly ignored: readonly string[];
}

/** Members that are about the file itself, so that nobody misses them. */
const silent: ReadonlySet<string> = new Set(["$schema", "inputs", "_meta", "metadata", "nextCursor"]);

export function recognise(value: unknown): Recognised | ConfigProblem {
  const parsed = configFileSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fault(
      (issue?.path ?? []).map((part) => `/${escapePointer(String(part))}`).join(""),
      issue?.message ?? "is not understood",
    );
  }
  const file = parsed.data;
  const { candidates, used } = candidatesOf(file);
  const [first] = used;
  if (first === undefined) {
    return fault("", "holds no servers: expected mcpServers, servers, mcp.servers, or a server.json with remotes");
  }
  if (candidates.length > maxEntries) return fault(`/${first}`, `holds more than ${maxEntries} entries`);
  const ignored = Object.keys(file).filter((name) => !used.includes(name) && !silent.has(name));
  return { candidates, containers: ["/mcpServers", "/servers", "/context_servers", "/mcp/servers"], ignored };
}

export function fault(path: string, message: string): ConfigProblem {
  return { code: "invalid_fields", path, message };
}

function candidatesOf(file: ConfigFile): { candidates: Candidate[]; used: string[] } {
  const { mcpServers, servers, context_servers: zed, mcp, server, inputs = [] } = file;
  if (server) return { candidates: [listed(file, "")], used: ["server"] };
  const collections = Object.entries({ mcpServers, servers, context_servers: zed, mcp }).flatMap(([name, one]) =>
    one ? [name] : [],
  );
  if (collections.length === 0 && (file.remotes || file.packages || ours.safeParse(file).success)) {
    return { candidates: [listed(file, "")], used: Object.keys(file) };
  }
  const candidates = [
    ...members(mcpServers, "/mcpServers", inputs),
    ...(Array.isArray(servers)
      ? servers.map((one, index) => listed(one, `/servers/${index}`))
      : members(servers, "/servers", inputs)),
    ...members(zed, "/context_servers", []),
    ...members(mcp?.servers, "/mcp/servers", mcp?.inputs ?? []),
  ];
  return { candidates, used: collections };
}

function members(entries: Readonly<Record<string, unknown>> | undefined, path: string, inputs: Inputs): Candidate[] {
  return Object.entries(entries ?? {}).map(([name, given]) => ({
    name,
    given,
    path: `${path}/${escapePointer(name)}`,
    of: "client",
    inputs,
  }));
}

/** As `POST /servers` takes it and `GET /servers` shows it; the registry has had ids, too, but no bare address. */
const ours = z.looseObject({ id: z.string(), url: z.string() });

/** One of the registry is bare, or wrapped as `{ "server": …, "_meta": … }`. */
function listed(item: unknown, path: string): Candidate {
  const own = ours.safeParse(item);
  if (own.success) return { name: own.data.id, given: item, path, of: "client", inputs: [] };
  const wrapped = z.looseObject({ server: z.unknown() }).safeParse(item);
  const given = wrapped.success && wrapped.data.server !== undefined ? wrapped.data.server : item;
  const name = z.looseObject({ name: z.string() }).safeParse(given);
  return { name: name.success ? name.data.name : "", given, path, of: "registry", inputs: [] };
}
