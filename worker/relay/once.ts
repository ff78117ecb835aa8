/**
 * One execution for one `Idempotency-Key`. The claim is on disk before the call is sent, and its outcome before the
 * caller hears of it, so who was answered once is answered the same for 24 hours. See docs/decisions/0014-idempotency-keys.md.
 */
import type { Call, Reply } from "../../core/contract/call.ts";
import type { Claimed, ClaimName } from "../../core/contract/claim.ts";
import type { Failure } from "../../core/contract/failure.ts";
import { success, type Outcome } from "../../core/contract/outcome.ts";
import { homeOf } from "../../core/policies/placement.ts";
import { toBase64Url } from "../../core/secrets/base64.ts";
import { openKeyring, type Keyring, type SecretKeys } from "../../core/secrets/keyring.ts";
import { seal, unseal } from "../../core/secrets/seal.ts";
import type { House } from "../house.ts";
import { askOwner } from "../leases/ask-owner.ts";

/** What the first request was told; the words stay the same for those who come later. */
export interface Told {
  readonly outcome: Outcome<Reply>;
  readonly requestId: string;
  readonly durationMs: number;
}

export interface ToldOnce extends Told {
  readonly isReplayed: boolean;
}

/** In characters of sealed text: a row takes 2 MB. */
const longestKept = 1_500_000;

interface Mine extends ClaimName {
  readonly attempt: string;
}

export async function once(
  house: House,
  claimName: ClaimName,
  call: Call,
  run: () => Promise<Told>,
): Promise<Outcome<ToldOnce>> {
  const keyring = await openKeyring(house.env.PATCHBAY_SECRET);
  const mine: Mine = { ...claimName, attempt: crypto.randomUUID() };
  const claimed = await claim(house, keyring, mine, call);
  if (!claimed.ok) {
    // Whether it was taken is open, and by now nobody else may be kept waiting for it.
    if (claimed.failure.code === "shard_unavailable") house.waitUntil(conclude(house, mine));
    return claimed;
  }
  if (claimed.value.is === "told") return replay(keyring, mine, call, claimed.value.sealed);
  const work = runAndKeep(house, keyring, mine, run);
  // A caller that leaves does not leave its claim without an outcome.
  house.waitUntil(work);
  return success({ ...(await work), isReplayed: false });
}

async function claim(house: House, keyring: Keyring, mine: Mine, call: Call): Promise<Outcome<Claimed>> {
  const fingerprints = await Promise.all(keyring.all.map((keys) => fingerprintOf(keys, call)));
  const { server, deadlineAt } = call;
  const asked = await askOwner(
    house,
    (map) => homeOf(map.shards, mine.owner),
    (shard, revision) => shard.claim({ ...mine, fingerprints, server, deadlineAt, revision }),
  );
  return asked.ok ? success(asked.value.value) : asked;
}

async function runAndKeep(house: House, keyring: Keyring, mine: Mine, run: () => Promise<Told>): Promise<Told> {
  const told = await run();
  if (!told.outcome.ok && neverRan(told.outcome.failure)) {
    await conclude(house, mine);
    return told;
  }
  const sealed = await seal(keyring, JSON.stringify(told), contextOf(mine));
  await conclude(house, mine, sealed.length > longestKept ? null : sealed);
  return told;
}

/** Where it cannot be told, the claim is known to have begun, and no more. */
async function conclude(house: House, mine: Mine, sealed?: string | null): Promise<void> {
  await askOwner(
    house,
    (map) => homeOf(map.shards, mine.owner),
    (shard, revision) => shard.conclude({ ...mine, ...(sealed === undefined ? {} : { sealed }), revision }),
  );
}

async function replay(keyring: Keyring, mine: Mine, { server }: Call, sealed: string): Promise<Outcome<ToldOnce>> {
  const text = await unseal(keyring, sealed, contextOf(mine));
  // Sealed with a secret that is gone.
  if (text === undefined) return { ok: false, failure: { code: "idempotency_answer_lost", server } };
  const told: Told = JSON.parse(text);
  return success({ ...told, isReplayed: true });
}

/** Whatever was refused on the way to the server says nothing of execution, or says that there was none. */
function neverRan(reason: Failure): boolean {
  return !("execution" in reason) || reason.execution === "not_executed";
}

/** Keyed, so that who reads the disk cannot try out arguments. */
async function fingerprintOf({ kid, digesting }: SecretKeys, { server, tool, argumentsText }: Call): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(["claim", server, tool, argumentsText]));
  return `${kid}.${toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", digesting, text)))}`;
}

function contextOf({ owner, name }: ClaimName): string {
  return `claim:${owner}:${name}`;
}
