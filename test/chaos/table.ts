/** The table: for people at the end of a run, and for docs/reference/faults.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { percentile, type Row } from "./row.ts";

const page = join(import.meta.dirname, "..", "..", "docs", "reference", "faults.md");
const [begin, end] = ["<!-- table: npm run test:chaos -- --write -->", "<!-- end of table -->"];

const heads = ["fault", "what its callers saw", "others: failed", "p99", "wrong", "twice", "lost", "well again after"];

export function tableOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const healthyP99 = percentile(
    rows.flatMap(({ healthyMs }) => healthyMs),
    0.99,
  );
  return [heads, ...rows.map((row) => cellsOf(row, healthyP99))];
}

function cellsOf({ fault, saw, others, wrong, twice, lost, recoveredMs }: Row, healthyP99: number): readonly string[] {
  return [
    fault,
    saw,
    others ? `${others.failed} of ${others.calls}` : "–",
    others ? `× ${(others.p99Ms / healthyP99).toFixed(1)}` : "–",
    String(wrong),
    String(twice),
    lost === undefined ? "–" : String(lost),
    recoveredMs === undefined ? "never" : `${(recoveredMs / 1_000).toFixed(1)} s`,
  ];
}

/** The fault and its numbers on one line, what callers saw below it. */
export function print(table: readonly (readonly string[])[]): void {
  const short = table.map((cells) => [cells[0] ?? "", ...cells.slice(2)]);
  const widths = heads.map((_, column) => Math.max(...short.map((cells) => cells[column]?.length ?? 0)));
  for (const [n, cells] of short.entries()) {
    console.log(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
    if (n > 0) console.log(`    ${table[n]?.[1] ?? ""}`);
  }
}

export function writeToDocs(table: readonly (readonly string[])[]): void {
  const [head = [], ...rows] = table;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [line(head), line(head.map(() => "---")), ...rows.map(line)];
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for the table`);
  writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${lines.join("\n")}\n\n${text.slice(to)}`);
}
