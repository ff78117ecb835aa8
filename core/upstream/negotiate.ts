/** Finds out how a replica is to be spoken to, and opens the conversation. */
import type { Networks } from "../contract/bindings.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import type { Kind } from "../contract/server.ts";
import type { Bounds, Link } from "./link.ts";

export interface Target {
  readonly server: string;
  readonly replica: string;
  readonly url: string;
  /** As the operator said; absent means "find out". */
  readonly kind?: Kind;
  readonly headers: Readonly<Record<string, string>>;
  readonly network: "public" | "private";
}

export interface ServerCapabilities {
  readonly tools: boolean;
  readonly prompts: boolean;
  readonly resources: boolean;
  readonly completions: boolean;
  readonly logging: boolean;
  readonly subscribe: boolean;
}

export interface Negotiated {
  readonly connection: Link;
  readonly capabilities: ServerCapabilities;
  readonly serverName?: string;
  readonly serverVersion?: string;
  readonly instructions?: string;
}

export async function negotiate(target: Target, _bounds: Bounds, _networks: Networks): Promise<Outcome<Negotiated>> {
  return failure({ code: "server_unreachable", server: target.server, execution: "not_executed" });
}

/** Tells a legacy server that its session is over; nobody waits for the answer to matter. */
export async function endSession(_connection: Link, _networks: Networks): Promise<void> {}
