/** One page of a list: the rows, where it goes on, how long it may be kept. Rows are the servers' own text, spliced in. */
import type { z } from "zod";
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { withMetaMember } from "../../../core/protocol/result-text.ts";
import { openCursor, sealCursor, type CursorOf } from "../../routes/cursor.ts";
import { offeringName } from "../offering.ts";
import type { RpcCall, RpcOutcome } from "../rpc-call.ts";
import { serverInfoText } from "../say.ts";

/** What is listed may change at any time, which listening clients are told; others look again. */
const ttlMs = 60_000;
/** Something is missing or may be out of date: look again soon. */
const doubtfulTtlMs = 5_000;

export interface Row {
  readonly definition: string;
  readonly stale: boolean;
}

export interface Page {
  readonly rows: readonly Row[];
  /** The cursor's place; absent on the last page. */
  readonly next?: unknown;
  readonly silent: readonly string[];
}

/** Where this page begins; undefined on the first. */
export async function placeOf<T>(call: RpcCall, place: z.ZodType<T>): Promise<Outcome<T | undefined>> {
  const { cursor } = call.params;
  if (cursor === undefined || typeof cursor === "string") return openCursor(cursorOf(call), cursor, place);
  return failure({ code: "invalid_fields", fields: [{ path: "cursor", message: "is not text" }] });
}

/** `member`: what the list is called in the result. */
export function pageText(call: RpcCall, member: string, { rows, ...rest }: Page): Promise<RpcOutcome> {
  const isStale = rows.some(({ stale }) => stale);
  return writtenPage(call, member, { rowsText: rows.map(rowText).join(","), isStale, ...rest });
}

export interface WrittenPage extends Omit<Page, "rows"> {
  readonly rowsText: string;
  readonly isStale: boolean;
}

export async function writtenPage(call: RpcCall, member: string, page: WrittenPage): Promise<RpcOutcome> {
  const { rowsText, isStale, next, silent } = page;
  const members = [`"${member}":[${rowsText}]`];
  if (next !== undefined) members.push(`"nextCursor":${JSON.stringify(await sealCursor(cursorOf(call), next))}`);
  const meta: string[] = [];
  if (silent.length > 0) meta.push(`"patchbay/incomplete":${JSON.stringify(silent)}`);
  if (call.client.era === "modern") {
    const isDoubtful = isStale || silent.length > 0;
    members.push(`"ttlMs":${isDoubtful ? doubtfulTtlMs : ttlMs}`, `"cacheScope":"${cacheScopeOf(call)}"`);
    members.push('"resultType":"complete"');
    meta.push(`"io.modelcontextprotocol/serverInfo":${serverInfoText}`);
  }
  if (meta.length > 0) members.push(`"_meta":{${meta.join(",")}}`);
  return { ok: true, resultText: `{${members.join(",")}}`, dressed: true };
}

export function rowText({ definition, stale }: Row): string {
  return stale ? withMetaMember(definition, "patchbay/stale", "true") : definition;
}

/** As soon as the key's own rights or its own toolset shape the list, it is nobody else's. */
function cacheScopeOf({ caller }: RpcCall): "public" | "private" {
  const { tools, toolset } = caller.principal;
  return tools === undefined && toolset === undefined ? "public" : "private";
}

function cursorOf({ house, caller, offering, method }: RpcCall): CursorOf {
  return { house, caller, list: `mcp:${offeringName(offering)}:${method}`, query: {} };
}
