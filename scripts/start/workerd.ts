/** Runs workerd, our own child, and watches over it. */
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { Complaint } from "./complaint.ts";
import { numberMember, parseJson, textMember } from "./json.ts";
import { isStopping, stopEverything, stopWithUs } from "./stop.ts";

export interface WorkerdStart {
  readonly dir: string;
  readonly configPath: string;
  readonly secret: string;
  readonly adminKey: string;
  /** Told its process id as soon as there is one. */
  readonly noted: (pid: number) => Promise<void>;
}

/** The workerd package knows where the binary of this platform is. */
function binary(): string {
  const path = textMember(createRequire(import.meta.url)("workerd"), "default");
  if (path === undefined) throw new Complaint("the workerd package is not what it was; run `npm ci`");
  return path;
}

/** Answers the port it listens on, as workerd itself says. */
export async function startWorkerd(start: WorkerdStart): Promise<number> {
  const logPath = join(start.dir, "gateway.log");
  await rename(logPath, join(start.dir, "gateway.previous.log")).catch(() => undefined);
  const log = openSync(logPath, "a", 0o600);
  const child = spawn(binary(), ["serve", "--control-fd=3", start.configPath], {
    stdio: ["ignore", log, log, "pipe"],
    windowsHide: true,
    env: { ...process.env, PATCHBAY_SECRET: start.secret, PATCHBAY_ADMIN_KEY: start.adminKey },
  });
  stopWithUs(child);
  const died = new Promise<never>((_, reject) => {
    child.once("error", (reason) => reject(new Complaint(`workerd does not run: ${reason.message}`)));
    child.once("exit", (code, signal) => {
      void lastWords(logPath).then((words) =>
        reject(new Complaint(`workerd ended by itself (${signal ?? `exit code ${code}`})${words}; log: ${logPath}`)),
      );
    });
  });
  died.catch(() => undefined);
  if (child.pid !== undefined) await start.noted(child.pid);
  const port = await Promise.race([listening(child.stdio[3]), died]);
  died.catch(endWith);
  return port;
}

/** workerd reports each socket on the control descriptor once it listens. */
async function listening(control: unknown): Promise<number> {
  if (!(control instanceof Readable)) throw new Error("workerd has no control descriptor");
  for await (const line of createInterface({ input: control })) {
    const event = parseJson(line);
    const port = numberMember(event, "port");
    if (textMember(event, "socket") === "public" && port !== undefined) return port;
  }
  return await new Promise<never>(() => undefined);
}

/** The first thing it complained of is the cause; the rest is its echo. */
async function lastWords(logPath: string): Promise<string> {
  const lines = (await readFile(logPath, "utf8").catch(() => "")).split("\n").filter((line) => line.trim() !== "");
  return lines[0] === undefined ? "" : `, saying: ${lines[0].slice(0, 300)}`;
}

/** A Ctrl-C in a terminal reaches workerd as well as us, and its end may be seen before our own signal. */
function endWith(complaint: Complaint): void {
  setTimeout(() => {
    if (isStopping()) return;
    console.error(`patchbay: ${complaint.message}`);
    void stopEverything().then(() => process.exit(1));
  }, 200);
}
