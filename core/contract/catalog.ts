/** What servers offer, as last seen. Definitions are the servers' own JSON text, never re-serialised. */
import type { ToolFacts } from "./call.ts";

export interface CatalogTool {
  readonly facts: ToolFacts;
  readonly description: string;
  /** The tool definition as the server sent it. */
  readonly definition: string;
}

/** A prompt, resource or template: `name` is its prompt name, URI or URI template. */
export interface CatalogEntry {
  readonly name: string;
  readonly definition: string;
}

export interface Catalog {
  readonly tools: readonly CatalogTool[];
  readonly prompts: readonly CatalogEntry[];
  readonly resources: readonly CatalogEntry[];
  readonly templates: readonly CatalogEntry[];
  /** How long the server says this stays fresh; ours to choose when it does not say. */
  readonly ttlMs?: number;
  /** What was left out and why: dropped tools, caps reached. */
  readonly faults: readonly string[];
}

/** One row of a tool listing. */
export interface ListedTool {
  readonly name: string;
  readonly server: string;
  readonly definition: string;
  /** Smaller is better; 0 in listings without a query. */
  readonly rank: number;
  /** The server cannot be asked at present, so this may be out of date. */
  readonly stale: boolean;
}

export interface ToolQuery {
  readonly server?: string;
  readonly q?: string;
  /** Patterns on qualified names that the caller may use; all when absent. */
  readonly allow?: readonly string[];
  /** Keyset: rows strictly after this (rank, name). */
  readonly after?: { readonly rank: number; readonly name: string };
  readonly limit: number;
}
