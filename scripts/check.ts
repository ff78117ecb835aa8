/** `npm run check`: everything that must hold before a change is done, cheapest first, a line each. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const steps = ["format:check", "lint", "types", "unused", "size", "test"] as const;

/** npm's own program, run by this Node: works the same in every shell, Windows included. */
function runScript(name: string): { readonly ok: boolean; readonly output: string } {
  const npm = process.env["npm_execpath"];
  const [command, args] =
    npm === undefined ? ["npm", ["run", "--silent", name]] : [process.execPath, [npm, "run", "--silent", name]];
  const run = spawnSync(command, args, {
    cwd: join(import.meta.dirname, ".."),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    shell: npm === undefined && process.platform === "win32",
  });
  return { ok: run.status === 0, output: `${run.stdout}${run.stderr}${run.error?.message ?? ""}`.trim() };
}

const failed: string[] = [];
for (const step of steps) {
  const from = performance.now();
  const { ok, output } = runScript(step);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"} ${step.padEnd(14)} ${seconds.padStart(6)} s`);
  if (ok) continue;
  failed.push(step);
  console.log(output.replaceAll(/^/gm, "       "));
}

if (failed.length > 0) {
  console.error(
    `\n${failed.length} of ${steps.length} failed: ${failed.join(", ")}. Run one alone with: npm run ${failed[0]}`,
  );
  process.exitCode = 1;
}
