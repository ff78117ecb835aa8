/** The gateway, as `npm start` runs it, without its own examples. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { Gateway } from "../../../scripts/start/ask.ts";
import { repository } from "../../../scripts/start/bundle.ts";
import { Complaint } from "../../../scripts/start/complaint.ts";
import { numberMember, parseJson, textMember } from "../../../scripts/start/json.ts";
import { isStopping, stopEverything, stopWithUs } from "../../../scripts/start/stop.ts";
import type { Options } from "./options.ts";

export interface Served {
  readonly url: string;
  readonly key: string;
  readonly shards: number;
  readonly gateway: Gateway;
}

const shards = 3;

export async function runGateway(options: Options, data: string): Promise<Served> {
  const scripts = join(repository, "scripts");
  const endWithUs = pathToFileURL(join(scripts, "start", "end-with-us.ts")).href;
  const told = ["--json", "--no-examples", "--shards", String(shards), "--port", options.port];
  const child = spawn(
    process.execPath,
    ["--import", endWithUs, join(scripts, "start.mjs"), ...told, "--data", join(data, "gateway")],
    {
      stdio: ["pipe", "pipe", openSync(join(data, "gateway.log"), "w", 0o600)],
      windowsHide: true,
      // npm's signals come to us; it is our end that ends the gateway.
      env: { ...process.env, npm_lifecycle_event: "" },
    },
  );
  stopWithUs(child);
  const ended = once(child, "exit");
  const line = await Promise.race([firstLine(child.stdout), ended.then(() => undefined)]);
  const ready = parseJson(line ?? "");
  const [url, key] = [textMember(ready, "url"), textMember(ready, "key")];
  if (url === undefined || key === undefined) {
    throw new Complaint(`the gateway did not start; see ${join(data, "gateway.log")}`);
  }
  void ended.then(async () => {
    if (isStopping()) return;
    console.error("the gateway ended by itself");
    await stopEverything();
    process.exit(1);
  });
  return { url, key, shards: numberMember(ready, "shards") ?? shards, gateway: { origin: url, adminKey: key } };
}

async function firstLine(from: Readable | null): Promise<string | undefined> {
  if (from === null) return undefined;
  for await (const line of createInterface({ input: from })) return line;
  return undefined;
}
