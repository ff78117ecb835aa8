/** Installs packages into a folder that is thrown away afterwards. */
import { execFile } from "node:child_process";
import type { Recipe } from "./recipes.ts";

const boundMs = 180_000;
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/;

export type Installed = { readonly is: "done" } | { readonly is: "offline" | "failed"; readonly why: string };

export function install(recipes: readonly Recipe[], folder: string): Promise<Installed> {
  const wanted = new Set(recipes.map(({ name, version }) => `${name}@${version}`));
  const windows = process.platform === "win32";
  // No install scripts: Playwright's would fetch browsers, and nobody browses here.
  const patience = ["--fetch-retries", "1", "--fetch-retry-mintimeout", "1000"];
  // Run by `npm run --silent`, npm would say nothing, not even why it failed.
  const args = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--loglevel", "error", ...patience];
  return new Promise((resolve) => {
    execFile(
      windows ? "npm.cmd" : "npm",
      [...args, ...wanted],
      { timeout: boundMs, shell: windows },
      (error, _stdout, stderr) => {
        if (!error) return resolve({ is: "done" });
        const why = error.killed === true ? `npm took longer than ${boundMs / 1000} s` : firstErrorOf(stderr);
        resolve({ is: error.killed === true || unreachable.test(stderr) ? "offline" : "failed", why });
      },
    );
  });
}

function firstErrorOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.startsWith("npm error"));
  return lines.slice(0, 3).join("; ") || "npm failed without a word";
}
