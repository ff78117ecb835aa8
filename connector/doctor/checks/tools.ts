/** The tools as clients get them: what some clients will refuse, said once per server and reason. */
import { z } from "zod";
import { ask, isAnswer, type Gateway } from "../ask.ts";
import { refusalsOf, type Refusal } from "../client-refusals.ts";
import type { Finding, Findings } from "../finding.ts";

const pageSchema = z.object({
  tools: z.array(z.object({ name: z.string(), server: z.string(), inputSchema: z.record(z.string(), z.unknown()) })),
  nextCursor: z.string().optional(),
  incomplete: z.array(z.string()).optional(),
});

const about = "tools";
/** VS Code's, for one request; other clients' are of that order. */
const mostForClients = 128;
const mostNamed = 5;

export async function* checkTools(gateway: Gateway): Findings {
  const refused = new Map<string, { readonly server: string; readonly refusal: Refusal; readonly names: string[] }>();
  let count = 0;
  let cursor: string | undefined;
  do {
    const answer = await ask(gateway, `/tools?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    const read = isAnswer(answer) ? pageSchema.safeParse(answer.body) : undefined;
    if (!read?.success) {
      const says = `could not be listed: ${isAnswer(answer) ? `HTTP ${answer.status}` : answer.words}`;
      yield { level: "fail", about, says, mend: "Try again; if it lasts, read the gateway's log." };
      return;
    }
    for (const tool of read.data.tools) {
      count += 1;
      for (const refusal of refusalsOf(tool)) {
        const kind = `${tool.server}\n${refusal.says}`;
        const entry = refused.get(kind) ?? { server: tool.server, refusal, names: [] };
        entry.names.push(tool.name);
        refused.set(kind, entry);
      }
    }
    cursor = read.data.nextCursor;
  } while (cursor !== undefined);
  yield countFinding(count);
  for (const { server, refusal, names } of refused.values()) yield refusalFinding(server, refusal, names);
}

function countFinding(count: number): Finding {
  const says = `${count} for this key`;
  if (count <= mostForClients) return { level: "ok", about, says };
  const mend = "Give agents a toolset with what they need: POST /toolsets, then /mcp/toolsets/{id}.";
  return {
    level: "note",
    about,
    says: `${says}; VS Code takes ${mostForClients} at most, and models choose worse`,
    mend,
  };
}

function refusalFinding(server: string, { says, mend }: Refusal, names: readonly string[]): Finding {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : "";
  const listed = `${names.slice(0, mostNamed).join(", ")}${more}`;
  return { level: "warn", about: `server ${server}`, says: `${listed}: ${says}`, mend, facts: { tools: names } };
}
