/** Programs of packages that are installed with the project. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { member, textMember } from "./json.ts";

const require = createRequire(import.meta.url);

/** A program of a package, by its package.json: npm's own way, without a shell. */
export function binOf(name: string, bin: string): string {
  const manifest = findManifest(name);
  return join(dirname(manifest), textMember(member(require(manifest), "bin"), bin) ?? "");
}

/** Packages may hide their package.json from `require`, but not from a look at the folders. */
function findManifest(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, "package.json");
    if (existsSync(manifest)) return manifest;
  }
  throw new Error(`the package ${name} is not installed`);
}
