/** The real servers come from npm, into this folder, the first time that they are needed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Complaint } from "../../../scripts/start/complaint.ts";
import { member, parseJson, textMember } from "../../../scripts/start/json.ts";
import { stopWithUs } from "../../../scripts/start/stop.ts";
import { folder, type Described } from "./description.ts";
import type { Report } from "./report.ts";

/**
 * Not `npm ci`: some of the packages name builds for platforms that not every registry has, so the lock file cannot
 * hold them all. Under `npm run --silent` npm would not even say why it failed.
 */
const install = ["install", "--no-save", "--loglevel", "error"];

export async function installServers(fleet: Described, report: Report): Promise<void> {
  if (!fleet.some(({ servers }) => servers.some(({ installed }) => installed)) || (await areInstalled())) return;
  report.step("packages", "npm installs the real servers, once; this takes half a minute or so");
  const windows = process.platform === "win32";
  // Our stdout is for the ready line.
  const npm = spawn(windows ? "npm.cmd" : "npm", install, { cwd: folder, stdio: ["ignore", 2, 2], shell: windows });
  stopWithUs(npm);
  await once(npm, "exit");
  if (npm.exitCode !== 0) {
    throw new Complaint(`npm install in ${folder} ended with code ${npm.exitCode}; its words are above`);
  }
}

/** Of the packages that are asked for by name; npm sees to the rest. */
async function areInstalled(): Promise<boolean> {
  const wanted = Object.entries(member(await manifest(folder), "dependencies") ?? {});
  const there = await Promise.all(
    wanted.map(async ([name, version]) => {
      return textMember(await manifest(join(folder, "node_modules", name)), "version") === version;
    }),
  );
  return there.every(Boolean);
}

async function manifest(home: string): Promise<unknown> {
  return parseJson(await readFile(join(home, "package.json"), "utf8").catch(() => ""));
}
