/** Loaded into a program of ours that the launcher runs: it ends in order when the launcher is gone, however that went. */
process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).on("error", () => undefined);
process.stdin.resume();
process.stdin.unref();
