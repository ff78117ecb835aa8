/**
 * Hono's TrieRouter, which takes every path we have, with a memory: `/call` always leads to the same handlers, so it
 * is looked up once; and `/mcp/servers/files` comes again with every call of a client, so what was asked lately is
 * remembered, too. Paths with a colon in the middle (`/servers:import`) are not counted as fixed. (RegExpRouter, Hono's
 * fastest, refuses `/servers/count` beside `/servers/:id`.)
 */
import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

const mostLately = 1_000;
/** Nobody shall fill the memory with addresses that lead nowhere. */
const longestName = 200;

export class MemoRouter<T> implements Router<T> {
  readonly name = "MemoRouter";
  readonly #trie = new TrieRouter<T>();
  readonly #fixed = new Set<string>();
  readonly #found = new Map<string, Result<T>>();
  readonly #lately = new Map<string, Result<T>>();

  add(method: string, path: string, handler: T): void {
    this.#trie.add(method, path, handler);
    if (!/[:*{]/.test(path)) this.#fixed.add(`${method} ${path}`);
  }

  match(method: string, path: string): Result<T> {
    const name = `${method} ${path}`;
    const known = this.#found.get(name) ?? this.#lately.get(name);
    if (known) return known;
    const result = this.#trie.match(method, path);
    if (this.#fixed.has(name) || this.#fixed.has(`ALL ${path}`)) this.#found.set(name, result);
    else if (name.length <= longestName) {
      if (this.#lately.size >= mostLately) this.#lately.clear();
      this.#lately.set(name, result);
    }
    return result;
  }
}
