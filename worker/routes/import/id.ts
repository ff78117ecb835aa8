/** A server id out of a name that people or registries gave: `io.github.acme/weather tools` is `weather-tools`. */
export function idFrom(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1) || name;
  return last
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/_{2,}/g, "_")
    .replace(/^[_-]+/, "")
    .slice(0, 40)
    .replace(/[_-]+$/, "");
}
