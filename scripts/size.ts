/** `npm run size`: what `wrangler deploy` would upload, against a budget. A Worker that grows starts slower everywhere. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Kilobytes of gzip. Raise it on purpose, in the change that needs it. */
const budgetKb = 246;

const root = join(import.meta.dirname, "..");
const wrangler = join(createRequire(import.meta.url).resolve("wrangler/package.json"), "..", "bin", "wrangler.js");
const dryRun = spawnSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", "dist"], {
  cwd: root,
  encoding: "utf8",
  env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
});

if (dryRun.status === 0) report();
else {
  console.error(`wrangler deploy --dry-run failed:\n${dryRun.stdout}${dryRun.stderr}`);
  process.exitCode = 1;
}

function report(): void {
  const modules = readdirSync(join(root, "dist")).filter((name) => name.endsWith(".js"));
  const bytes = modules.reduce((sum, name) => sum + gzipSync(readFileSync(join(root, "dist", name))).byteLength, 0);
  const line = `${(bytes / 1024).toFixed(1)} KB of gzip, budget ${budgetKb} KB`;
  if (bytes <= budgetKb * 1024) console.log(`The Worker takes ${line}.`);
  else {
    console.error(`The Worker is over its budget: ${line}.`);
    process.exitCode = 1;
  }
}
