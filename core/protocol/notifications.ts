/** Notifications as text: read, rewritten by spans, and written. */

export type ListName = "tools" | "prompts" | "resources";

/** The raw `progressToken` of a progress notification. */
export function progressTokenOf(text: string): string | undefined {
  return text;
}

/** A progress notification about `ours`, under the client's own token (raw JSON); undefined when it is about something else. */
export function withProgressToken(text: string, ours: string, tokenText: string): string | undefined {
  return text + ours + tokenText;
}

/** On a modern client's listening stream every notification names the listen request's id (raw JSON). */
export function withSubscriptionId(text: string, idText: string): string {
  return text + idText;
}

export function listChangedText(list: ListName): string {
  return list;
}

export function resourceUpdatedText(uri: string): string {
  return uri;
}

/** `idText`: the request's id, raw JSON. */
export function cancelledText(idText: string, reason?: string): string {
  return idText + String(reason);
}
