/** `patchbay doctor` in a process of its own, as a person runs it. */
import { join } from "node:path";
import { runProgram, type Ended } from "./programs.ts";

const program = join(import.meta.dirname, "..", "..", "connector", "patchbay.mjs");

export interface Finding {
  readonly level: string;
  readonly about: string;
  readonly says: string;
  readonly mend?: string;
}

export interface Report {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runProgram([program, "doctor", ...args], 60_000, { PATCHBAY_KEY: "", PATCHBAY_GATEWAY: "", ...env });
}

export async function report(url: string, key: string, env: Readonly<Record<string, string>> = {}) {
  const { code, stdout } = await doctor(["--json", "--gateway", url, ...(key === "" ? [] : ["--key", key])], env);
  const read = JSON.parse(stdout) as Report;
  return { code, ...read, of: (about: string) => read.findings.filter((finding) => finding.about === about) };
}
