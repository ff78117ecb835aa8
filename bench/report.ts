/** The figures for people: one table, ratios first. */
import { styleText } from "node:util";
import type { Figures } from "./bench.ts";
import type { Bridges } from "./bridges.ts";
import { contenders } from "./contenders.ts";
import type { Lists } from "./lists.ts";
import type { Summary } from "./median.ts";

const names = {
  a: "(a) bare Worker → fetch",
  b: "(b) Worker → object → fetch",
  c: "(c) Patchbay POST /call",
  modern: "    Patchbay /mcp, modern",
  legacy: "    Patchbay /mcp, in a session",
} as const;

const listers: Readonly<Record<string, string>> = {
  bare: "a bare object, by RPC",
  modern: "Patchbay /mcp, modern",
  legacy: "Patchbay /mcp, in a session",
};

export function printReport(figures: Figures): void {
  for (const [connections, each] of Object.entries(figures.at)) {
    console.log(styleText("bold", `\n${connections} connection${connections === "1" ? "" : "s"}`));
    for (const contender of contenders) printLine(names[contender], each[contender]);
  }
  for (const [name, summary] of Object.entries(figures.peers ?? {})) printLine(name, summary);
  console.log(`
c/a  ${figures.cOverA} at 16 connections, ${figures.cOverAAt1} at 1
c/b  ${figures.cOverB} at 16 connections, ${figures.cOverBAt1} at 1
modern/a  ${figures.modernOverA} at 16 connections, ${figures.modernOverAAt1} at 1
legacy/a  ${figures.legacyOverA} at 16 connections, ${figures.legacyOverAAt1} at 1
object calls per call   ${figures.objectCallsPerCall}
rows written per call   ${figures.rowsWrittenPerCall}
memory of workerd       ${figures.residentMiB} MiB
rounds                  ${figures.rounds}, interleaved, medians`);
  if (figures.cOverMcpHub !== undefined)
    console.log(`c over mcp-hub 4.2.1    ${figures.cOverMcpHub} at 16 connections`);
}

export function printLists({ lists, pageBytes, stale, ...ratios }: Lists): void {
  for (const [how, each] of Object.entries(lists)) {
    console.log(styleText("bold", how === "well" ? "\n170 servers, all well" : `\n170 servers, ${stale} of them hung`));
    for (const [name, summary] of Object.entries(each)) printLine(listers[name] ?? name, summary);
  }
  console.log(`
modern/bare  ${ratios.modernOverBare}, ${ratios.modernOverBareHung} with servers hung
legacy/bare  ${ratios.legacyOverBare}, ${ratios.legacyOverBareHung} with servers hung
first page   1000 tools, ${pageBytes} bytes; p50 over p50, medians of interleaved rounds`);
}

export function printBridges(figures: Bridges): void {
  console.log(styleText("bold", "\n16 callers of one stdio server"));
  for (const [name, summary] of Object.entries(figures.bridges)) printLine(name, summary);
  console.log(`
connector over supergateway   ${figures.connectorOverSupergateway}, with 100 servers on its socket
connector over mcp-proxy      ${figures.connectorOverMcpProxy}
`);
  for (const [name, mib] of Object.entries(figures.idleMiB)) console.log(`${name.padEnd(30)} ${mib} MiB, idle`);
}

function printLine(name: string, summary: Summary): void {
  const wrong = summary.wrong === 0 ? "" : styleText("red", `  ${summary.wrong} wrong answers`);
  console.log(
    `${name.padEnd(30)} ${String(summary.callsPerSecond).padStart(7)} calls/s   p50 ${summary.p50Ms.toFixed(2)} ms   p99 ${summary.p99Ms.toFixed(2)} ms${wrong}`,
  );
}
