/** The certificate of `--https`: the user's own, or one made here, kept in the data folder and renewed before it ends. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { Complaint, why } from "./complaint.ts";
import type { Options } from "./options.ts";
import { makeFolder, readIfThere, writeSafely } from "./state.ts";

export interface Tls {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** The certificate chain, PEM. */
  readonly certificate: string;
  readonly selfSigned: boolean;
}

const dayMs = 86_400_000;
const lifeDays = 397;
const renewDays = 30;

export async function openTls(options: Options, dir: string, now = Date.now()): Promise<Tls | undefined> {
  if (!options.https) return undefined;
  if (options.certPath === undefined || options.keyPath === undefined) return await selfSigned(options.host, dir, now);
  const [certificatePath, keyPath] = [resolve(options.certPath), resolve(options.keyPath)];
  const certificate = await read("--cert", certificatePath);
  check(certificate, await read("--key", keyPath), now);
  return { certificatePath, keyPath, certificate, selfSigned: false };
}

async function read(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (reason) {
    throw new Complaint(`cannot read ${option} ${path}: ${why(reason)}`);
  }
}

function check(certificate: string, key: string, now: number): void {
  const leaf = understand("--cert is not a PEM certificate", () => new X509Certificate(certificate));
  const privateKey = understand("--key is not an unencrypted PEM private key", () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) throw new Complaint("--key is not the private key of --cert");
  if (Date.parse(leaf.validTo) < now) throw new Complaint(`the certificate of --cert ended on ${leaf.validTo}`);
}

function understand<T>(message: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Complaint(message);
  }
}

async function selfSigned(host: string, dir: string, now: number): Promise<Tls> {
  const certificatePath = join(dir, "tls", "certificate.pem");
  const keyPath = join(dir, "tls", "key.pem");
  const names = [...new Set(["localhost", "127.0.0.1", "::1", hostname(), host])].filter(isNameable);
  const kept = await readIfThere(certificatePath);
  if (kept !== undefined && (await readIfThere(keyPath)) !== undefined && stillGood(kept, names, now)) {
    return { certificatePath, keyPath, certificate: kept, selfSigned: true };
  }
  // Loaded here because it costs a second that most starts need not wait for.
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: "Patchbay" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + lifeDays * dayMs),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  await makeFolder(join(dir, "tls"));
  await writeSafely(keyPath, made.private);
  await writeSafely(certificatePath, made.cert);
  return { certificatePath, keyPath, certificate: made.cert, selfSigned: true };
}

function isNameable(name: string): boolean {
  return name !== "0.0.0.0" && name !== "::" && (isIP(name) !== 0 || /^[A-Za-z0-9.-]+$/.test(name));
}

function stillGood(certificate: string, names: readonly string[], now: number): boolean {
  const leaf = new X509Certificate(certificate);
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined;
  return Date.parse(leaf.validTo) > now + renewDays * dayMs && names.every(covers);
}
