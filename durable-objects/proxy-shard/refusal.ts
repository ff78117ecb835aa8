/** Why a key is refused, and how a limit's refusal is told. */
import type { AccessFailure, LimitFailure } from "../../core/contract/failure.ts";
import type { KeyRecord, KeySecret } from "../../core/contract/key.ts";
import { windowSeconds, type TokenRefusal } from "../../core/policies/token-bucket.ts";
import { equalInConstantTime } from "../../core/secrets/constant-time.ts";

/** Only a holder of the right secret learns more than "invalid". */
export function refusalOf(record: KeyRecord, digest: string, now: number): AccessFailure | undefined {
  const secret = matching(record.secrets, digest);
  if (secret === undefined) return { code: "key_invalid" };
  if (record.revokedAt !== undefined) return { code: "key_revoked" };
  if (endsBefore(record.expiresAt, now) || endsBefore(secret.endsAt, now)) return { code: "key_expired" };
  return undefined;
}

export function rateLimited(refusal: TokenRefusal): LimitFailure {
  const { refusedBy, retryAfterMs, limit } = refusal;
  const quota = limit.burst;
  return { code: "rate_limited", limit: refusedBy, retryAfterMs, quota, windowSeconds: windowSeconds(limit) };
}

function endsBefore(endsAt: number | undefined, now: number): boolean {
  return endsAt !== undefined && endsAt <= now;
}

function matching(secrets: readonly KeySecret[], digest: string): KeySecret | undefined {
  let found: KeySecret | undefined;
  for (const secret of secrets) if (equalInConstantTime(secret.digest, digest)) found = secret;
  return found;
}
