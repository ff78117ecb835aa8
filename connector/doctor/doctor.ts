/** `patchbay doctor`: examines a gateway and prints what it finds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { examine } from "./examine.ts";
import type { Finding } from "./finding.ts";
import { doctorHelp, readDoctorOptions, type DoctorOptions } from "./options.ts";

export async function doctor(args: readonly string[]): Promise<void> {
  const options = readDoctorOptions(args, process.env);
  if (options === "help") console.log(doctorHelp);
  else process.exitCode = (await run(options)) ? 0 : 1;
}

/** Whether nothing has failed. */
async function run({ gateway, key, json }: DoctorOptions): Promise<boolean> {
  const findings: Finding[] = [];
  for await (const finding of examine({ url: gateway, key }, ownVersion())) {
    findings.push(finding);
    if (!json) console.log(linesOf(finding));
  }
  const count = (level: Finding["level"]): number => findings.filter((finding) => finding.level === level).length;
  const ok = count("fail") === 0;
  if (json) console.log(JSON.stringify({ gateway: gateway.href, ok, findings }));
  else console.log(ok ? `\nNothing has failed; ${count("warn")} to look at.` : `\n${count("fail")} failed.`);
  return ok;
}

/** Servers write some of these words, so nothing in them may steer a terminal. */
function linesOf({ level, about, says, mend }: Finding): string {
  const lines = [`${level.padEnd(4)}  ${about}: ${says}`, ...(mend ? [`      → ${mend}`] : [])];
  return lines.map(plain).join("\n");
}

function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, " ");
}

function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
