import { serverIdSchema } from "../contract/server.ts";

/**
 * A server id out of a name that people or registries gave, always the same one: `io.github.acme/weather tools` is
 * `weather-tools`, `漢字` is `server-6f22-5b57`.
 */
export function fitId(name: string): string {
  if (serverIdSchema.safeParse(name).success) return name;
  const last = name.slice(name.lastIndexOf("/") + 1);
  return spelled(last) || spelled(name) || spelled(`server-${codesOf(name)}`);
}

function spelled(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/_{2,}/g, "_")
    .replace(/^[_-]+/, "")
    .slice(0, 40)
    .replace(/[_-]+$/, "");
}

/** A name without a single Latin letter or digit still tells itself from others by its code points. */
function codesOf(name: string): string {
  return Array.from(name.slice(0, 16), (letter) => letter.codePointAt(0)?.toString(16) ?? "").join("-");
}
