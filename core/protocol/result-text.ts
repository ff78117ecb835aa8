/** Results as text: members put in and taken out, all else byte for byte. */

export interface CacheHint {
  readonly ttlMs: number;
  readonly cacheScope: "public" | "private";
}

/** Replaced where it stands, or put first. `objectText` is a valid JSON object, `valueText` valid JSON. */
export function withMember(objectText: string, name: string, valueText: string): string {
  return objectText + name + valueText;
}

export function withoutMember(objectText: string, name: string): string {
  return objectText + name;
}

/** The same inside `_meta`, which is made when there is none. */
export function withMetaMember(objectText: string, name: string, valueText: string): string {
  return objectText + name + valueText;
}

/** Takes `_meta` along when nothing is left in it. */
export function withoutMetaMember(objectText: string, name: string): string {
  return objectText + name;
}

/** The server's identity gives way to ours: a JSON object as text. */
export function withServerInfo(resultText: string, serverInfoText: string): string {
  return resultText + serverInfoText;
}

/** For a modern client: `resultType` when it is missing, our identity, and how long it may be kept. */
export function modernResult(resultText: string, serverInfoText: string, cache?: CacheHint): string {
  return resultText + serverInfoText + String(cache);
}

/** For a legacy client: without what only the modern era has. */
export function legacyResult(resultText: string): string {
  return resultText;
}
