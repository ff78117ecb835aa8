/** Programs of npm packages, run as a person would from a shell: by this Node, bounded in time. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dirname, "..", "..");

export interface Ended {
  /** null when it had to be killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a package's program is; of the package installed in `folder`. */
export function programOf(name: string, program = name, folder = repository): string {
  const home = join(folder, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as {
    bin: string | Readonly<Record<string, string>>;
  };
  const path = typeof bin === "string" ? bin : bin[program];
  if (path === undefined) throw new Error(`${name} has no program ${program}`);
  return join(home, path);
}

export function runProgram(
  args: readonly string[],
  boundMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const options = {
    timeout: boundMs,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...env },
  } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : null;
      resolve({ code: error ? code : 0, stdout, stderr });
    });
  });
}
