/** A small database for the SQLite server to answer questions about. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const months = 24;
const products = ["anchor", "buoy", "compass", "dinghy"] as const;

export function writeSales(path: string): void {
  if (existsSync(path)) return;
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE sales (month TEXT NOT NULL, product TEXT NOT NULL, sold INTEGER NOT NULL)");
  const insert = database.prepare("INSERT INTO sales VALUES (?, ?, ?)");
  for (let n = 0; n < months; n += 1) {
    const month = `${2024 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`;
    products.forEach((product, at) => insert.run(month, product, 10 + ((n * 7 + at * 13) % 40)));
  }
  database.close();
}
