/** Finds the one credential of a request: `Authorization: Bearer` or `X-Api-Key`, never both, never the address. */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";

const maxLength = 512;
const inQuery = /[?&](?:api[_-]?key|key|token|access_token)=|=patchbay_/i;

export function credentialOf(request: Request): Outcome<string> {
  if (request.url.includes("?") && inQuery.test(request.url)) return failure({ code: "key_in_query" });
  const bearer = request.headers.get("authorization");
  const direct = request.headers.get("x-api-key");
  if (bearer !== null && direct !== null) return failure({ code: "two_credentials" });
  if (direct !== null) return presentable(direct);
  if (bearer === null) return failure({ code: "key_missing" });
  if (bearer.slice(0, 7).toLowerCase() !== "bearer ") return failure({ code: "key_invalid" });
  return presentable(bearer.slice(7));
}

function presentable(key: string): Outcome<string> {
  if (key.length === 0) return failure({ code: "key_missing" });
  return key.length > maxLength ? failure({ code: "key_invalid" }) : success(key);
}
