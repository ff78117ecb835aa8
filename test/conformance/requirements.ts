/** What the suite itself says a revision requires: its own frozen lists, read from the package. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export const revisions = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof revisions)[number];

/** The program; its lists stand beside it. */
export const suiteProgram = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/dist/index.js");

const listsSchema = z.object({
  server: z.array(z.string()),
  not_scored: z.array(z.object({ scenario: z.string(), leg: z.enum(["server", "client"]), reason: z.string() })),
});

export interface Requirements {
  readonly scored: readonly string[];
  /** Scenarios that run and do not count, with the suite's reason. */
  readonly unscored: ReadonlyMap<string, string>;
}

export async function readRequirements(revision: Revision): Promise<Requirements> {
  const path = join(dirname(suiteProgram), "..", "requirements", `${revision}.yaml`);
  const lists = listsSchema.parse(parse(await readFile(path, "utf8")));
  const unscored = lists.not_scored.filter(({ leg }) => leg === "server");
  return { scored: lists.server, unscored: new Map(unscored.map(({ scenario, reason }) => [scenario, reason])) };
}
