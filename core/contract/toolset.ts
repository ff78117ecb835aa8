/** Toolsets: what Fleet keeps and what `/mcp/toolsets/{id}` shows. What an operator may say of one: toolset-input.ts. */
import { serverIdSchema } from "./server.ts";

export const toolsetIdSchema = serverIdSchema.describe("The toolset's id; the last part of its address.");

export const namings = ["always", "conflict", "never"] as const;
export type Naming = (typeof namings)[number];

export interface Selection {
  readonly allow?: readonly string[];
  /** Wins over `allow`. */
  readonly deny?: readonly string[];
}

export interface ToolOverride {
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  /** Each value as JSON text. */
  readonly fixedArguments?: Readonly<Record<string, string>>;
  readonly hiddenArguments?: readonly string[];
}

/** Absent is "all" for servers and allowances, and nothing for the rest. */
export interface Toolset {
  readonly id: string;
  readonly title?: string;
  readonly description?: string;
  /** For the clients' models. */
  readonly instructions?: string;
  readonly servers?: readonly string[];
  /** Patterns on qualified names. */
  readonly tools?: Selection;
  /** Patterns on qualified names. */
  readonly prompts?: Selection;
  /** Patterns on URIs. */
  readonly resources?: Selection;
  /** By qualified name. */
  readonly overrides: Readonly<Record<string, ToolOverride>>;
  readonly naming: Naming;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How a tool or prompt is shown: under this name, with these words, without these arguments. */
export interface Redefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly without: readonly string[];
}

/** What becomes of the arguments of a call before the server sees them. Values as JSON text. */
export interface ArgumentChanges {
  readonly fixedArguments: Readonly<Record<string, string>>;
  readonly hiddenArguments: readonly string[];
}
