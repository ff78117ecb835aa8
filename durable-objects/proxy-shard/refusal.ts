/** Why a key is refused, and how a limit's refusal is told. */
import type { AccessFailure, LimitFailure, LimitName } from "../../core/contract/failure.ts";
import type { KeyRecord, KeySecret } from "../../core/contract/key.ts";
import type { Limit } from "../../core/contract/limit.ts";

/** Only a holder of the right secret learns more than "invalid". */
export function refusalOf(record: KeyRecord, digest: string, now: number): AccessFailure | undefined {
  const secret = matching(record.secrets, digest);
  if (secret === undefined) return { code: "key_invalid" };
  if (record.revokedAt !== undefined) return { code: "key_revoked" };
  if (endsBefore(record.expiresAt, now) || endsBefore(secret.endsAt, now)) return { code: "key_expired" };
  return undefined;
}

export function rateLimited(refusal: {
  readonly refusedBy: LimitName;
  readonly retryAfterMs: number;
  readonly limit: Limit;
}): LimitFailure {
  const { refusedBy, retryAfterMs, limit } = refusal;
  const windowSeconds = Math.ceil((limit.burst / limit.perMinute) * 60);
  return { code: "rate_limited", limit: refusedBy, retryAfterMs, quota: limit.burst, windowSeconds };
}

function endsBefore(endsAt: number | undefined, now: number): boolean {
  return endsAt !== undefined && endsAt <= now;
}

function matching(secrets: readonly KeySecret[], digest: string): KeySecret | undefined {
  let found: KeySecret | undefined;
  for (const secret of secrets) if (sameText(secret.digest, digest)) found = secret;
  return found;
}

/** Takes equally long wherever two texts of one length differ. */
function sameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
