/** Guards of the routes: `known` says whose key it is, `may` admits its holder for a scope. */
import type { Context, MiddlewareHandler } from "hono";
import { uniqueSymbol } from "hono-openapi";
import type { Failure } from "../core/contract/failure.ts";
import { failure, success, type Outcome } from "../core/contract/outcome.ts";
import { allows, type Scope } from "../core/contract/scope.ts";
import { houseOf, type AppEnv } from "./house.ts";
import { noteBadKey, refusal } from "./identity/address-guard.ts";
import { credentialOf } from "./identity/credential.ts";
import { identify, type Identity } from "./identity/index.ts";
import { admit } from "./leases/admissions.ts";
import { isLoopback } from "./peer.ts";
import { problem } from "./render/problem.ts";

/** Tells whose key it is, without asking anyone: a forged key ends here. */
export const known: MiddlewareHandler<AppEnv> = async (c, next) => {
  const identity = await identityOf(c);
  if (!identity.ok) return problem(identity.failure, c.get("requestId"));
  c.set("identity", identity.value);
  return next();
};

export function may(scope: Scope): MiddlewareHandler<AppEnv> {
  const guard: MiddlewareHandler<AppEnv> = async (c, next) => {
    const identity = await identityOf(c);
    if (!identity.ok) return problem(identity.failure, c.get("requestId"));
    const caller = await admit(houseOf(c), identity.value);
    if (!caller.ok) return problem(caller.failure, c.get("requestId"));
    c.set("caller", caller.value);
    if (!allows(caller.value.principal.scopes, scope))
      return problem({ code: "scope_missing", scope }, c.get("requestId"));
    return next();
  };
  // The OpenAPI document reads the scope off the guard.
  return Object.assign(guard, { [uniqueSymbol]: { spec: { "x-required-scope": scope } } });
}

async function identityOf(c: Context<AppEnv>): Promise<Outcome<Identity>> {
  const address = c.get("address");
  const guarded = address !== undefined && !isLoopback(address);
  if (guarded) {
    const refused = refusal(address, Date.now());
    if (refused) return failure(refused);
  }
  const credential = credentialOf(c.req.raw);
  if (!credential.ok) return noted(credential.failure, guarded ? address : undefined);
  const identity = await identify(c.env, credential.value);
  return identity ? success(identity) : noted({ code: "key_invalid" }, guarded ? address : undefined);
}

function noted(reason: Failure, address: string | undefined): Outcome<never> {
  if (address !== undefined && reason.code === "key_invalid") noteBadKey(address, Date.now());
  return failure(reason);
}
