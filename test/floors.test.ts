/** The shape of the house: imports point down, rooms on one floor do not know each other, one file opens sockets. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** The longest prefix that fits names the room. */
const floors: Readonly<Record<string, number>> = {
  "core/contract": 0,
  "core/protocol": 1,
  "core/policies": 1,
  "core/secrets": 1,
  "core/config": 1,
  "core/upstream": 2,
  "durable-objects/fleet": 3,
  "durable-objects/proxy-shard": 3,
  "durable-objects/settings.ts": 3,
  worker: 4,
};

/** Shared by the objects of one floor, and knowing none of them. */
const landings = ["durable-objects/migrations.ts"];

interface Edge {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

const files = ["core", "durable-objects", "worker"].flatMap(sources);

function importsOf(file: string): readonly Edge[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g);
  return [...found].map(([, path = ""]) => ({ from: file, to: posix.join(dirname(file), path) }));
}

function roomOf(file: string): string | undefined {
  return Object.keys(floors).find((room) => file === room || file.startsWith(`${room}/`));
}

/** What is wrong with an import, in words; undefined when nothing is. */
function fault({ from, to }: Edge): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (landings.includes(from))
    return there === undefined || there.startsWith("core/") ? undefined : "a landing leads down only";
  if (here === undefined) return "the importing file is in no room; give its room a floor";
  if (landings.includes(to)) return floors[here] === 3 ? undefined : "only its own floor may use a landing";
  if (there === undefined) return "leads out of the house";
  if (here === there) return undefined;
  const [floor = 0, target = 0] = [floors[here], floors[there]];
  if (target > floor) return "points up";
  if (target === floor) return "leads to another room on the same floor";
  if (here === "worker" && target === 3 && from !== "worker/index.ts")
    return "the Worker knows the objects by their contract";
  return undefined;
}

describe("the floors of the house", () => {
  it("has files and imports to look at", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it("lets imports point down only, and keeps rooms on one floor apart", () => {
    const offending = files.flatMap(importsOf).flatMap((edge) => {
      const words = fault(edge);
      return words === undefined ? [] : [`${edge.from} → ${edge.to}: ${words}`];
    });
    expect(offending).toEqual([]);
  });

  it("sees an import that points up, and one between neighbours", () => {
    expect(fault({ from: "core/policies/x.ts", to: "core/upstream/y.ts" })).toBe("points up");
    expect(fault({ from: "core/policies/x.ts", to: "core/secrets/y.ts" })).toContain("same floor");
    expect(fault({ from: "durable-objects/fleet/x.ts", to: "durable-objects/proxy-shard/y.ts" })).toContain(
      "same floor",
    );
    expect(fault({ from: "worker/x.ts", to: "durable-objects/fleet/fleet.ts" })).toContain("contract");
    expect(fault({ from: "worker/x.ts", to: "core/contract/call.ts" })).toBeUndefined();
  });

  it("gives the connector, which runs elsewhere, nothing but core", () => {
    const edges = sources("connector").flatMap(importsOf);
    expect(edges.length).toBeGreaterThan(50);
    expect(edges.filter(({ to }) => !/^(?:connector|core)\//.test(to))).toEqual([]);
  });

  it("opens sockets toward servers in core/upstream/dial.ts alone", () => {
    const callers = files.filter((file) => dials(readFileSync(join(root, file), "utf8")));
    expect(callers).toEqual(["core/upstream/dial.ts"]);
  });
});

/** A call of the global fetch, of a network's fetch, or of a raw socket; not a method or a type that is named fetch. */
function dials(text: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return /(?<![.\w]|async )fetch\s*\((?!\w+\??:)|(?:globalThis|NETWORK|[nN]etwork\w*)\??\.fetch\s*\(|cloudflare:sockets/.test(
    code,
  );
}
