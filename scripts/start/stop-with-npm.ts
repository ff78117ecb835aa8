/**
 * `npm start`, like our other scripts, has a shell between npm and us. Most shells pass no signal on, so a SIGTERM for
 * npm ends them and leaves us behind; and npm that is killed outright tells nobody. Either way our ancestors change,
 * and that is seen here.
 */
import { readFileSync } from "node:fs";

const lookEveryMs = 300;
const scripts: ReadonlySet<string> = new Set(["start", "example:fleet-170"]);

export function stopWithNpm(stop: () => void): void {
  if (!scripts.has(process.env["npm_lifecycle_event"] ?? "") || process.platform === "win32") return;
  const before = ancestors();
  const watch = setInterval(() => {
    if (ancestors() === before) return;
    clearInterval(watch);
    stop();
  }, lookEveryMs);
  watch.unref();
}

function ancestors(): string {
  const parent = process.ppid;
  return `${parent} ${parentOfShell(parent)}`;
}

/** Who started the shell that started us; nobody, when there is no shell between or no /proc to ask. */
function parentOfShell(pid: number): string {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("npm")) return "";
    // The program's name, in parentheses, may hold anything; its state and its parent follow.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? "";
  } catch {
    return "";
  }
}
