/**
 * What a retry has to repeat, as a digest: method and params, but for what a retry adds. The order of members and white
 * space do not count, since a client may write the same params another way the second time; numbers count as written.
 */
import { eachMember, elementSpans } from "../../../core/protocol/json-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { toBase64Url } from "../../../core/secrets/base64.ts";

const retryFields: ReadonlyMap<string, undefined> = new Map([
  ["inputResponses", undefined],
  ["requestState", undefined],
]);

/** `paramsText`: without `_meta`, which is new with every request. */
export async function digestOf(method: string, paramsText: string): Promise<string> {
  const text = `${method}\n${canonical(withoutRetryFields(paramsText))}`;
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

export function withoutRetryFields(paramsText: string): string {
  return withMembers(paramsText, retryFields);
}

function canonical(text: string): string {
  if (text.startsWith("{")) {
    const members: string[] = [];
    eachMember(text, 0, (key, { start, end }) => {
      members.push(`${JSON.stringify(key)}:${canonical(text.slice(start, end))}`);
    });
    return `{${members.sort().join(",")}}`;
  }
  if (text.startsWith("[")) {
    return `[${elementSpans(text)
      .map(({ start, end }) => canonical(text.slice(start, end)))
      .join(",")}]`;
  }
  return text.startsWith('"') ? JSON.stringify(JSON.parse(text)) : text;
}
