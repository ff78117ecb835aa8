/** Rate limits: tokens refill evenly, `perMinute` in 60 s, up to `burst` at once. */
import { z } from "zod";

const count = z.int().min(1).max(100_000_000);

export const limitSchema = z
  .strictObject({
    perMinute: count.describe("Calls that refill evenly over 60 seconds."),
    burst: count.optional().describe("Calls that may come at once; `perMinute` when left out."),
  })
  .meta({ id: "Limit" });

export interface Limit {
  readonly perMinute: number;
  readonly burst: number;
}

export function toLimit(input: z.infer<typeof limitSchema>): Limit {
  return { perMinute: input.perMinute, burst: input.burst ?? input.perMinute };
}

/** What a caller is told of one limit: the RateLimit header fields (draft-ietf-httpapi-ratelimit-headers-10). */
export interface LimitView {
  readonly name: "key" | "server" | "key_server";
  /** Burst size, the `q` of RateLimit-Policy. */
  readonly quota: number;
  /** Seconds in which an empty bucket fills, the `w` of RateLimit-Policy. */
  readonly windowSeconds: number;
  /** Whole tokens left, the `r` of RateLimit. */
  readonly remaining: number;
  /** Seconds until the bucket is full again, the `t` of RateLimit. */
  readonly resetSeconds: number;
}
