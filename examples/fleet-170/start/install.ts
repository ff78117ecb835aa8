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

export async function installServers(fleet: Described, report: Report): Promise<void> {
  if (!fleet.some(({ servers }) => servers.some(({ installed }) => installed)) || (await areInstalled())) return;
  report.step("packages", "npm installs the real servers, once; this takes half a minute or so");
  const windows = process.platform === "win32";
  // Our stdout is for the ready line.
  const npm = spawn(windows ? "npm.cmd" : "npm", ["ci"], { cwd: folder, stdio: ["ignore", 2, 2], shell: windows });
  stopWithUs(npm);
  await once(npm, "exit");
  if (npm.exitCode !== 0)
    throw new Complaint(`npm ci in ${folder} ended with code ${npm.exitCode}; its words are above`);
}

/** npm leaves the lock file that it installed from behind. */
async function areInstalled(): Promise<boolean> {
  const [wanted, there] = await Promise.all([
    versions(join(folder, "package-lock.json")),
    versions(join(folder, "node_modules", ".package-lock.json")),
  ]);
  return Object.keys(there).length > 0 && Object.entries(there).every(([path, version]) => wanted[path] === version);
}

async function versions(lockPath: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(lockPath, "utf8").catch(() => "{}");
  const packages = Object.entries(member(parseJson(text), "packages") ?? {});
  return Object.fromEntries(packages.map(([path, one]) => [path, textMember(one, "version")]));
}
