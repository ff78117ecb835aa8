/** What people, or programs, see of a running connector. */
import { stripVTControlCharacters } from "node:util";
import type { LocalServer } from "../local-server.ts";

export interface Facts {
  readonly name: string;
  readonly gateway: string;
  readonly shards: readonly number[];
}

export interface View {
  /** Every shard has been reached. */
  connected(facts: Facts): void;
  changed(server: LocalServer): void;
  /** One line of a server's own log. */
  said(server: string, line: string): void;
  /** `server` undefined: about the connector itself. */
  noted(server: string | undefined, note: string): void;
  end(): void;
}

export function noteLine(server: string | undefined, note: string): string {
  return server === undefined ? `patchbay: ${printable(note)}` : `patchbay: server ${server}: ${printable(note)}`;
}

export function logLine(server: string, line: string): string {
  return `[${server}] ${printable(line)}`;
}

/** A server's words may not steer the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\t]/gu, "?");
}
