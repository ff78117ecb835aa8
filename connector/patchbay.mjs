#!/usr/bin/env node
// The program `patchbay`, in plain JavaScript, so that a Node too old for TypeScript can hand over to the packaged one.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const packaged = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));

if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import("./patchbay.ts");
  await main(process.argv.slice(2));
} else if (existsSync(packaged)) {
  const child = spawn(packaged, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
} else {
  console.error(`patchbay needs Node 22.18 or newer and this is ${process.versions.node}.`);
  process.exitCode = 1;
}
