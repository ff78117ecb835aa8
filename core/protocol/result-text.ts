/** Results as text: members put in and taken out, and what each era lacks or has too much of; all else as it was. */
import { memberSpans, memberText } from "./json-text.ts";
import { putFirst, withMembers } from "./splice.ts";

/** How long a list or a document may be kept, and by whom. */
export interface CacheHint {
  readonly ttlMs: number;
  readonly cacheScope: "public" | "private";
}

const serverInfo = "io.modelcontextprotocol/serverInfo";

/** In its old place, or first. `objectText` is a valid JSON object, `valueText` valid JSON. */
export function withMember(objectText: string, name: string, valueText: string): string {
  return withMembers(objectText, new Map([[name, valueText]]));
}

export function withoutMember(objectText: string, name: string): string {
  return withMembers(objectText, new Map([[name, undefined]]));
}

/** The same inside `_meta`, which is made when there is none. */
export function withMetaMember(objectText: string, name: string, valueText: string): string {
  return withMember(objectText, "_meta", withMember(metaIn(objectText), name, valueText));
}

/** Takes `_meta` along when nothing is left in it. */
export function withoutMetaMember(objectText: string, name: string): string {
  return withMembers(objectText, metaWithout(objectText, name));
}

/**
 * For a modern client: our identity instead of the server's, `resultType` when it is missing, and how long it may be
 * kept. `serverInfoText` is a JSON object as text.
 */
export function modernResult(resultText: string, serverInfoText: string, cache?: CacheHint): string {
  const spans = memberSpans(resultText);
  const isComplete = spans.has("resultType");
  if (!cache && !spans.has("_meta")) {
    return putFirst(
      resultText,
      `${isComplete ? "" : '"resultType":"complete",'}"_meta":{"${serverInfo}":${serverInfoText}}`,
    );
  }
  const changes = new Map([["_meta", withMember(metaIn(resultText), serverInfo, serverInfoText)]]);
  if (!isComplete) changes.set("resultType", '"complete"');
  if (cache) {
    changes.set("ttlMs", String(cache.ttlMs));
    changes.set("cacheScope", JSON.stringify(cache.cacheScope));
  }
  return withMembers(resultText, changes);
}

const modernOnly = ["resultType", "ttlMs", "cacheScope"];

/** For a legacy client, who was told at `initialize` who we are. */
export function legacyResult(resultText: string): string {
  const spans = memberSpans(resultText);
  if (!spans.has("_meta") && modernOnly.every((name) => !spans.has(name))) return resultText;
  const changes = metaWithout(resultText, serverInfo);
  for (const name of modernOnly) changes.set(name, undefined);
  return withMembers(resultText, changes);
}

function metaIn(objectText: string): string {
  const meta = memberText(objectText, "_meta");
  return meta?.startsWith("{") ? meta : "{}";
}

/** The change that takes `name` out of `_meta`; none where it is not in it. */
function metaWithout(objectText: string, name: string): Map<string, string | undefined> {
  const meta = metaIn(objectText);
  const rest = withoutMember(meta, name);
  return new Map(rest === meta ? [] : [["_meta", rest === "{}" ? undefined : rest]]);
}
