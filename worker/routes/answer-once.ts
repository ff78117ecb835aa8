/** `Idempotency-Key` on `POST /call` (draft-ietf-httpapi-idempotency-key-header-07): how it is read and what it answers. */
import type { Context } from "hono";
import type { Call, Reply } from "../../core/contract/call.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { houseOf, type AppEnv } from "../house.ts";
import { once } from "../relay/once.ts";
import { problem } from "../render/problem.ts";
import { written } from "./written.ts";

const longestKey = 255;
/** A string of RFC 8941, section 3.3.3, as the draft wants it. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/;
/** As most clients send it. Without a comma: two headers come as one with a comma between. */
const bare = /^[\x21\x23-\x2b\x2d-\x7e]+$/;

export async function answerOnce(
  c: Context<AppEnv>,
  header: string,
  call: Call,
  run: () => Promise<Outcome<Reply>>,
  startedAt: number,
): Promise<Response> {
  const requestId = c.get("requestId");
  const name = readKey(header);
  if (!name.ok) return problem(name.failure, requestId);
  const { keyId: owner } = c.get("caller").principal;
  const told = await once(houseOf(c), { owner, name: name.value }, call, async () => {
    const outcome = await run();
    return { outcome, requestId, durationMs: Date.now() - startedAt };
  });
  if (!told.ok) return problem(told.failure, requestId);
  const { outcome, durationMs, isReplayed } = told.value;
  const response = outcome.ok
    ? written(c, outcome.value, durationMs, told.value.requestId)
    : problem(outcome.failure, told.value.requestId);
  // In the body stands the request that ran; the header is about this one.
  if (isReplayed) {
    response.headers.set("x-request-id", requestId);
    response.headers.set("idempotent-replayed", "true");
  }
  return response;
}

function readKey(header: string): Outcome<string> {
  const text = header.trim();
  const inner = quoted.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, "$1");
  const name = inner ?? (bare.test(text) ? text : undefined);
  if (name !== undefined && name.length <= longestKey) return success(name);
  const message = `must be one string of 1 to ${longestKey} printable ASCII characters`;
  return failure({ code: "invalid_fields", fields: [{ path: "Idempotency-Key", message }] });
}
