/**
 * Ends the servers when we are killed outright. They see their input end, but not all of them care; so one small shell
 * waits at the end of a pipe for all of them, and ends what is left when the pipe closes.
 */
import { spawn, type ChildProcess } from "node:child_process";

/** Reads "+ pid" and "- pid"; after the end of its input: SIGTERM, then SIGKILL, to each process group that is left. */
const script = `
left=" "
while read -r sign pid; do
  if [ "$sign" = + ]; then left="$left$pid "; else left="\${left%% $pid *} \${left#* $pid }"; fi
done
[ "$left" = " " ] && exit 0
sleep 1
for pid in $left; do kill -s TERM -- "-$pid" 2>/dev/null; done
sleep 1
for pid in $left; do kill -s KILL -- "-$pid" 2>/dev/null; done
exit 0`;

let shell: ChildProcess | undefined;

function tell(sign: "+" | "-", pid: number | undefined): void {
  if (pid === undefined || process.platform === "win32") return;
  shell ??= startShell();
  shell.stdin?.write(`${sign} ${pid}\n`);
}

function startShell(): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], {
    stdio: ["pipe", "ignore", "ignore"],
    // Signals of the terminal are for us alone.
    detached: true,
  });
  // Without a shell the servers still see their input end.
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  // A pipe is a socket to Node, which would keep us running.
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return child;
}

export const guard = {
  watch: (pid: number | undefined): void => tell("+", pid),
  forget: (pid: number | undefined): void => tell("-", pid),
};
