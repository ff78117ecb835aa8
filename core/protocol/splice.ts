/** Members put into JSON object text and taken out of it; every other member stays as it was written. */
import { eachMember } from "./json-text.ts";

const emptyObject = /^\s*\{\s*\}\s*$/;

/** `members` is what stands between the braces of a JSON object, and not empty. */
export function putFirst(objectText: string, members: string): string {
  if (emptyObject.test(objectText)) return `{${members}}`;
  return `{${members},${objectText.slice(objectText.indexOf("{") + 1)}`;
}

/**
 * Each name's new value as JSON text, in its old place or else first; undefined takes the member out. A key that
 * stands there twice is changed as one, so that nobody can read it the other way.
 */
export function withMembers(objectText: string, changes: ReadonlyMap<string, string | undefined>): string {
  const parts: string[] = [];
  const left = new Map(changes);
  let changed = false;
  eachMember(objectText, 0, (key, { start, end }, at) => {
    const stays = !changes.has(key);
    const value = stays ? objectText.slice(start, end) : left.get(key);
    if (value !== undefined) parts.push(objectText.slice(at, start) + value);
    changed ||= !stays;
    left.delete(key);
  });
  const added = [...left].flatMap(([key, value]) => (value === undefined ? [] : `${JSON.stringify(key)}:${value}`));
  if (!changed && added.length === 0) return objectText;
  if (!changed) return putFirst(objectText, added.join(","));
  return `{${[...added, ...parts].join(",")}}`;
}
