/**
 * The data folder. Kept for good: `secret` (the root every other key is derived from), `objects/` (the objects'
 * databases), `tls/`, `connector-key.json`, `first-start.json`, the examples' `memory.jsonl` and `files/`. Made anew at
 * each start: `worker.js`, `config.capnp`, `examples.json`, `gateway.log`, `running.json`. Losing `secret` loses every API key and every sealed credential.
 */
import { randomBytes } from "node:crypto";
import { access, chmod, constants, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Complaint, why } from "./complaint.ts";
import { parseJson, textMember } from "./json.ts";

export interface State {
  readonly dir: string;
  /** `k1:<base64>`, a keyring with one key: see core/secrets/keyring. */
  readonly secret: string;
  /** No start on this folder has come to its end yet. */
  readonly fresh: boolean;
}

/** What the first start left for the later ones. */
export interface FirstStart {
  /** Absent when its user brought a key along. */
  readonly keyId?: string;
}

export async function openState(folder: string): Promise<State> {
  const dir = resolve(folder);
  try {
    await makeFolder(dir);
    await makeFolder(join(dir, "objects"));
    await chmod(dir, 0o700);
    await access(dir, constants.W_OK);
    return { dir, secret: await readOrMakeSecret(join(dir, "secret")), fresh: (await firstStart(dir)) === undefined };
  } catch (reason) {
    if (reason instanceof Complaint) throw reason;
    throw new Complaint(`cannot use the data folder ${dir}: ${why(reason)}`);
  }
}

export async function firstStart(dir: string): Promise<FirstStart | undefined> {
  const text = await readIfThere(join(dir, "first-start.json"));
  if (text === undefined) return undefined;
  const keyId = textMember(parseJson(text), "keyId");
  return keyId === undefined ? {} : { keyId };
}

export async function rememberFirstStart(dir: string, what: FirstStart): Promise<void> {
  await writeSafely(join(dir, "first-start.json"), `${JSON.stringify(what)}\n`);
}

/** All of the file or none of it, readable by its owner alone, on the disk when this answers. */
export async function writeSafely(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path).catch(async (reason: unknown) => {
    await rm(draft, { force: true });
    throw reason;
  });
}

/** mkdir's own `recursive` tries for ever where the system answers ENOENT for good, as below /proc. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (reason) {
    if (isError(reason, "EEXIST") && (await stat(path)).isDirectory()) return;
    if (!isError(reason, "ENOENT") || dirname(path) === path) throw reason;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (reason) {
    if (isError(reason, "ENOENT")) return undefined;
    throw reason;
  }
}

async function readOrMakeSecret(path: string): Promise<string> {
  const kept = (await readIfThere(path))?.trim();
  if (kept === undefined) {
    const made = `k1:${randomBytes(32).toString("base64")}`;
    await writeSafely(path, `${made}\n`);
    return made;
  }
  if (!/^[\w-]+:[A-Za-z0-9+/_-]{43}=?(,[\w-]+:[A-Za-z0-9+/_-]{43}=?)*$/.test(kept)) {
    throw new Complaint(`${path} is not a keyring (kid:base64 of 32 bytes); restore it, or start with another --data`);
  }
  return kept;
}

function isError(reason: unknown, code: string): boolean {
  return reason instanceof Error && "code" in reason && reason.code === code;
}
