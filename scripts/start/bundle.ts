/** The Worker as one ES module for workerd. */
import { join } from "node:path";
import { build } from "esbuild";
import { Complaint } from "./complaint.ts";

export const repository = join(import.meta.dirname, "..", "..");

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
