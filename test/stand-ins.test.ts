/** What the bundlers leave out: the same in both, and nothing that is missed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJsonSchema as original } from "@standard-community/standard-json";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bundle, repository, standIns } from "../scripts/start/bundle.ts";
import { serverInputSchema } from "../core/contract/server.ts";
import { toJsonSchema } from "../worker/stand-ins/standard-json.ts";

describe("stand-ins for parts of libraries", () => {
  it("are the same for wrangler as for npm start", () => {
    const table = /^\[alias\]\n((?:"[^"]+" = "[^"]+"\n)+)/m.exec(
      readFileSync(join(repository, "wrangler.toml"), "utf8"),
    );
    const lines = table?.[1]?.matchAll(/^"([^"]+)" = "([^"]+)"$/gm) ?? [];
    expect(Object.fromEntries([...lines].map(([, from, to]) => [from, to]))).toEqual(standIns);
  });

  it("keep foreign languages and zod 3 out of the bundle", async () => {
    const folder = mkdtempSync(join(tmpdir(), "patchbay-bundle-"));
    try {
      await bundle(join(folder, "worker.js"));
      const text = readFileSync(join(folder, "worker.js"), "utf8");
      const sources = [...text.matchAll(/^\/\/ (\S*node_modules\/\S+)$/gm)].map(([, path]) => path ?? "");
      expect(sources.filter((path) => path.includes("/zod/")).length).toBeGreaterThan(5);
      const unwanted = sources.filter((path) => /zod\/v3|zod-to-json-schema|locales\/(?!en\.js)/.test(path));
      expect(unwanted).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([serverInputSchema, z.object({ at: z.iso.datetime(), some: z.array(z.union([z.string(), z.int()])) })])(
    "write the JSON Schema that the library writes",
    async (schema) => {
      expect(await toJsonSchema(schema, { io: "input" })).toEqual(await original(schema, { io: "input" }));
    },
  );
});
