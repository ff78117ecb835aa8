/** What is said between the chaos run and its processes of servers. */
import type { Fault } from "../../support/faulty-server.ts";

export interface Settings {
  readonly names: readonly string[];
  /** Where each listens; a free one where none is named. */
  readonly ports: readonly number[];
  /** The file that says what ran. */
  readonly log: string;
}

export type Order =
  | { readonly is: "misbehave"; readonly fault: Fault }
  | { readonly is: "behave" }
  | { readonly is: "forget_sessions" };

export type Word = { readonly is: "ready"; readonly urls: readonly string[] } | { readonly is: "done" };
