/** The Worker as one ES module for workerd. */
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { Complaint } from "./complaint.ts";

export const repository = join(import.meta.dirname, "..", "..");

/** The same as `[alias]` in wrangler.toml, which a test checks: what an import says, and the file that it gets. */
export const standIns: Readonly<Record<string, string>> = {
  "@standard-community/standard-json": "./worker/stand-ins/standard-json.ts",
  "../locales/index.js": "./worker/stand-ins/zod-locales.ts",
};

/** esbuild's own `alias` takes no relative imports; wrangler's does. */
const useStandIns: Plugin = {
  name: "stand-ins",
  setup(building) {
    building.onResolve({ filter: /standard-json$|locales/ }, ({ path }) => {
      const file = standIns[path];
      return file === undefined ? undefined : { path: join(repository, file) };
    });
  },
};

/** Writes `outfile`; answers its size in bytes. */
export async function bundle(outfile: string, entry = join(repository, "worker", "index.ts")): Promise<number> {
  const result = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    plugins: [useStandIns],
    loader: { ".html": "text", ".css": "text", ".svg": "text" },
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
  }).catch((reason: unknown) => {
    const first = reason instanceof Error ? reason.message.split("\n").slice(0, 2).join(" ") : String(reason);
    throw new Complaint(`the Worker does not bundle: ${first}`);
  });
  return Object.values(result.metafile.outputs)[0]?.bytes ?? 0;
}
