/** The example fleet's description, and the small server that most of it runs. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..", "..", "..", "examples", "fleet-170");
const server = join(folder, "server", "serve.mjs");

interface Entry {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

const files = ["first", "second", "third"].map((name) => {
  const { mcpServers } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as {
    mcpServers: Readonly<Record<string, Entry>>;
  };
  return Object.entries(mcpServers);
});
const entries = files.flat();

describe("the description of the fleet", () => {
  it("is three connectors of 60, 55 and 55 servers, each with a name of its own", () => {
    expect(files.map((file) => file.length)).toEqual([60, 55, 55]);
    expect(new Set(entries.map(([id]) => id)).size).toBe(170);
  });

  it("says of each server what it is good for", () => {
    for (const [id, { title }] of entries) expect(title, id).toMatch(/^[A-Za-z0-9][^:]+(: \S.*)?$/);
  });

  it("asks of the small server only what it can do", async () => {
    const simulated = entries.filter(([, { args }]) => args[0] === "server/serve.mjs");
    expect(simulated).toHaveLength(160);
    for (const [id, { args }] of simulated) {
      const [, capability = "", variant = ""] = args;
      const { variants } = (await import(join(folder, "server", "capabilities", `${capability}.mjs`))) as {
        variants: Readonly<Record<string, unknown>>;
      };
      expect(variants, id).toHaveProperty([variant]);
    }
  });

  it("runs packages that its own lock file pins, and fetches none at start", () => {
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      dependencies: Readonly<Record<string, string>>;
    };
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      const users = entries.filter(([, { args }]) => args.some((arg) => arg.startsWith(`node_modules/${name}/`)));
      expect(users, name).toHaveLength(1);
    }
    expect(readFileSync(join(folder, "package-lock.json"), "utf8")).not.toContain('"resolved"');
  });
});

describe("the small server", () => {
  const known: readonly (readonly [string, string, string, object, unknown])[] = [
    ["conversion", "length", "convert", { value: 26.2, from: "mi", to: "km" }, { value: 42.1648128, unit: "km" }],
    ["conversion", "temperature", "convert", { value: 212, from: "F", to: "C" }, { value: 100, unit: "C" }],
    ["text", "frequency", "measure", { text: "To be, or not to be" }, { be: 2, to: 2, not: 1, or: 1 }],
    ["naming", "snake", "rename", { name: "parseHTTPUrl v2" }, "parse_httpurl_v2"],
    ["encoding", "morse", "encode", { text: "SOS" }, "... --- ..."],
    ["hashing", "crc32", "hash", { text: "123456789" }, "cbf43926"],
    ["dates", "easter", "reckon", { year: 2024 }, "2024-03-31"],
    ["dates", "week", "reckon", { date: "2027-01-01" }, { year: 2026, week: 53 }],
    ["dates", "months", "reckon", { date: "2024-01-31", months: 1 }, "2024-02-29"],
    ["zones", "kathmandu", "local_time", { instant: "2026-01-01T00:00:00Z" }, expect.stringContaining("05:45:00")],
    ["numbers", "roman", "compute", { n: 1994 }, "MCMXCIV"],
    ["numbers", "factors", "compute", { n: 360 }, [2, 2, 2, 3, 3, 5]],
    ["statistics", "quartiles", "summarise", { values: [4, 1, 3, 2] }, { q1: 1.75, q2: 2.5, q3: 3.25 }],
    ["geometry", "triangle", "measure", { a: 3, b: 4, c: 5 }, { perimeter: 12, area: 6 }],
    ["colours", "contrast", "compute", { a: "#000000", b: "#ffffff" }, { contrast: 21 }],
    ["lists", "common", "arrange", { a: ["x", "y"], b: ["y", "z"] }, ["y"]],
    ["finance", "compound", "compute", { amount: 1000, percent: 5, years: 2 }, { amount: 1102.5 }],
    ["validation", "iban", "check", { value: "GB82 WEST 1234 5698 7654 32" }, { valid: true }],
  ];

  it.each(known)("%s %s tells what is so", async (capability, variant, tool, args, truth) => {
    const client = await open(capability, variant);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([tool, "about"]);
    const { content } = await client.callTool({ name: tool, arguments: args as Record<string, unknown> });
    const said = (content as readonly { text: string }[])[0]?.text ?? "";
    expect(typeof truth === "string" || isMatcher(truth) ? said : JSON.parse(said)).toEqual(truth);
    await client.close();
  });

  it("says what it is, and what is wrong with arguments", async () => {
    const client = await open("numbers", "prime");
    const about = await client.callTool({ name: "about", arguments: {} });
    expect(JSON.stringify(about)).toContain("one of the simulated servers of Patchbay's example fleet");
    for (const [args, fault] of [
      [{}, "n has to be a whole number from 1 to 1000000"],
      [{ n: "7" }, "n has to be a whole number from 1 to 1000000"],
      [{ n: 7, m: 8 }, "there is no argument m; there is n"],
    ] as const) {
      const result = await client.callTool({ name: "compute", arguments: args });
      expect(result).toMatchObject({ isError: true, content: [{ type: "text", text: fault }] });
    }
    await client.close();
  });

  it("ends when its input does, and refuses a capability that it lacks", async () => {
    const ends = (args: readonly string[]) =>
      new Promise<number | null>((resolve) => {
        spawn(process.execPath, [server, ...args], { stdio: "ignore" }).once("exit", resolve);
      });
    expect(await ends(["lists", "sort"])).toBe(0);
    expect(await ends(["lists", "sortt"])).toBe(2);
    expect(await ends(["fortune", "telling"])).toBe(2);
  });
});

async function open(capability: string, variant: string): Promise<Client> {
  const client = new Client({ name: "example-test", version: "1" });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [server, capability, variant] }));
  return client;
}

function isMatcher(truth: unknown): boolean {
  return typeof truth === "object" && truth !== null && "asymmetricMatch" in truth;
}
