/** Loaded into an example server that speaks HTTP, before its own code: it ends when the launcher ends. */
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref();
