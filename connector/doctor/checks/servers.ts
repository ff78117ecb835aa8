/** Every server: its state and since when, how it was met, and what of its catalog could not be taken. */
import { z } from "zod";
import { ask, isAnswer, type Gateway } from "../ask.ts";
import type { Finding, Findings, Level } from "../finding.ts";
import { mendServer } from "../mend-server.ts";

const serverSchema = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string(),
  since: z.string().nullable(),
  kind: z.string().nullable(),
  era: z.string().nullable(),
  protocolVersion: z.string().nullable(),
  serverName: z.string().nullish(),
  tools: z.int(),
});
const pageSchema = z.object({ servers: z.array(serverSchema), nextCursor: z.string().optional() });
const detailsSchema = z.object({ faults: z.array(z.string()) });

type Server = z.infer<typeof serverSchema>;

const levels: Readonly<Record<string, Level>> = {
  ready: "ok",
  degraded: "warn",
  down: "fail",
  unknown: "warn",
  draining: "note",
  disabled: "note",
};

export async function* checkServers(gateway: Gateway): Findings {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await readPage(gateway, cursor);
    if (typeof page === "string") {
      const mend = "Try again; if it lasts, read the gateway's log.";
      yield { level: "fail", about: "servers", says: `could not be listed: ${page}`, mend };
      return;
    }
    for (const server of page.servers) {
      count += 1;
      yield stateFinding(server);
      yield* faultFindings(gateway, server);
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  if (count > 0) return;
  const mend = "Register one: POST /servers, POST /servers:import, or npx patchbay connect mcp.json.";
  yield { level: "note", about: "servers", says: "there are none", mend };
}

async function readPage(gateway: Gateway, cursor?: string) {
  const answer = await ask(gateway, `/servers?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
  if (!isAnswer(answer)) return answer.words;
  const read = pageSchema.safeParse(answer.body);
  return read.success ? read.data : `HTTP ${answer.status}`;
}

function stateFinding(server: Server): Finding {
  const { id, state, reason, since, kind, era, protocolVersion, tools } = server;
  const met = era === null ? "no handshake yet" : `${era} ${protocolVersion ?? ""} by ${kind ?? "?"}`;
  const offers = `${tools} ${tools === 1 ? "tool" : "tools"}`;
  const says = [`${state}${since === null ? "" : ` since ${since}`}`, met, offers, reason].filter(Boolean).join(", ");
  const level = levels[state] ?? "warn";
  const mend = level === "ok" ? undefined : mendServer(server);
  return { level, about: `server ${id}`, says, facts: { ...server }, ...(mend && { mend }) };
}

async function* faultFindings(gateway: Gateway, { id }: Server): Findings {
  const answer = await ask(gateway, `/servers/${encodeURIComponent(id)}`);
  const read = isAnswer(answer) ? detailsSchema.safeParse(answer.body) : undefined;
  for (const fault of read?.success ? read.data.faults : []) {
    yield { level: "fail", about: `server ${id}`, says: `a fault in what it lists: ${fault}`, mend: mendFault(fault) };
  }
}

function mendFault(fault: string): string {
  if (/characters|control|name/.test(fault) && !/inputSchema|outputSchema|description/.test(fault)) {
    return "Give the tool a name of at most 128 letters, digits, '_', '-' and '.' in the server.";
  }
  if (/listed twice/.test(fault)) return "Let the server name each tool once; the second cannot be called.";
  if (/failed|cut off/.test(fault)) return "Look into the server's log: one of its lists does not come whole.";
  if (/Schema/.test(fault)) {
    return `Correct the schema in the server: {"type":"object","properties":{…}}. Until then nobody is offered the tool.`;
  }
  return "Correct the definition in the server, or tell its author; until then nobody is offered it.";
}
