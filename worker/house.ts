/** What every request is given: the bindings, a way to finish work after the answer has gone, and who is asking. */
import type { Context } from "hono";
import type { Networks } from "../core/contract/bindings.ts";
import type { Principal } from "../core/contract/key.ts";
import type { LimitView } from "../core/contract/limit.ts";
import type { Identity } from "./identity/index.ts";

export type Bindings = Cloudflare.Env & Networks;

/** The request's own corner of the house. */
export interface House {
  readonly env: Bindings;
  readonly requestId: string;
  waitUntil(work: Promise<unknown>): void;
}

export interface Caller {
  readonly principal: Principal;
  /** The limits after this request took its token, reckoned when asked; none for the root key. */
  limits(): readonly LimitView[];
}

export interface AppEnv {
  readonly Bindings: Bindings;
  readonly Variables: {
    requestId: string;
    address: string | undefined;
    identity: Identity;
    caller: Caller;
    isDressed: boolean;
  };
}

export function houseOf(c: Context<AppEnv>): House {
  const context = c.executionCtx;
  return { env: c.env, requestId: c.get("requestId"), waitUntil: (work) => context.waitUntil(work) };
}
