/**
 * The key: whether it is whole, whether the gateway takes it, and what it may do. No route tells a key its own scopes,
 * so each is tried with a request that the gateway refuses for its body, or answers, but that changes nothing.
 */
import { z } from "zod";
import type { Scope } from "../../../core/contract/scope.ts";
import { hasShape } from "../../../core/secrets/api-key.ts";
import { ask, isAnswer, type Answer, type Gateway, type Question } from "../ask.ts";
import type { Finding, Findings } from "../finding.ts";

interface Trial {
  readonly scope: Scope;
  readonly path: string;
  readonly question?: Question;
  readonly lets: string;
}

const noJson = "{";
/** Server ids begin with a letter or a digit, so there is no such tool. */
const noTool = '{"tool":"_doctor__nothing"}';

const trials: readonly Trial[] = [
  { scope: "tools:list", path: "/tools?limit=1", lets: "clients see tools" },
  { scope: "tools:call", path: "/call", question: { method: "POST", text: noTool }, lets: "clients call tools" },
  { scope: "servers:read", path: "/servers?limit=1", lets: "the doctor and monitors look at servers" },
  { scope: "servers:write", path: "/servers", question: { method: "POST", text: noJson }, lets: "register servers" },
  { scope: "connector", path: "/connectors", question: { method: "POST", text: noJson }, lets: "patchbay connect" },
  { scope: "toolsets:write", path: "/toolsets", question: { method: "POST", text: noJson }, lets: "make toolsets" },
  { scope: "keys:write", path: "/keys?limit=1", lets: "make and revoke keys" },
  { scope: "shards:write", path: "/shards", question: { method: "PUT", text: noJson }, lets: "set the shards" },
  { scope: "settings:write", path: "/settings", lets: "change settings" },
  { scope: "audit:read", path: "/audit?limit=1", lets: "read the audit trail" },
];

export type Held = ReadonlySet<Scope>;

/** What the key may do; undefined when there is none that the gateway takes. */
export async function* checkKey(gateway: Gateway): Findings<Held | undefined> {
  const about = "key";
  if (gateway.key === "") {
    const mend = "Give one by --key, or by PATCHBAY_KEY in the environment; without it only what is open can be seen.";
    yield { level: "warn", about, says: "none was given", mend };
    return undefined;
  }
  const shape = shapeFinding(gateway.key);
  if (shape) yield shape;
  if (shape?.level === "fail") return undefined;
  const held = new Set<Scope>();
  const missing: Trial[] = [];
  for (const trial of trials) {
    const answer = await ask(gateway, trial.path, trial.question);
    const verdict = isAnswer(answer) ? verdictOn(answer) : "unclear";
    if (typeof verdict === "object") {
      yield verdict;
      return undefined;
    }
    if (verdict === "held") held.add(trial.scope);
    if (verdict === "missing") missing.push(trial);
  }
  yield held.size === 0
    ? { level: "fail", about, says: "is taken, but nothing could be found that it may do" }
    : { level: "ok", about, says: `is taken; it may ${[...held].join(", ")}`, facts: { scopes: [...held] } };
  if (missing.length > 0) yield missingFinding(missing);
  return held;
}

function shapeFinding(key: string): Finding | undefined {
  const about = "key";
  const mend = "Copy it again, all of it and nothing else: patchbay_ and 64 letters and digits.";
  if (/[^\x21-\x7e]|^["'`]|["'`]$/.test(key)) return { level: "fail", about, says: "has spaces or quotes in it", mend };
  if (!key.startsWith("patchbay_")) {
    return { level: "note", about, says: "does not look like an API key; a root admin key may look like anything" };
  }
  if (key.length !== 73)
    return { level: "fail", about, says: `has ${key.length} characters, and a whole one has 73`, mend };
  return hasShape(key) ? undefined : { level: "fail", about, says: "has a character that is wrong", mend };
}

const problemSchema = z.object({ code: z.string(), detail: z.string().optional(), fix: z.string().optional() });

function verdictOn({ status, body }: Answer): "held" | "missing" | "unclear" | Finding {
  const read = problemSchema.safeParse(body);
  const { code = "", detail = "", fix } = read.success ? read.data : {};
  if (status === 401 || code === "too_many_failures") {
    const mend = mends[code] ?? fix ?? "Ask who runs the gateway for a key.";
    return { level: "fail", about: "key", says: `is not taken (${code || status}): ${detail}`, mend, facts: { code } };
  }
  if (code === "scope_missing") return "missing";
  if (status === 429 || status >= 500 || code === "unknown_route" || code === "not_implemented") return "unclear";
  return "held";
}

const mends: Readonly<Record<string, string>> = {
  key_invalid:
    "It is of another gateway, or this one's PATCHBAY_SECRET has changed since; make a new one with POST /keys.",
  key_expired: "Make a new one with POST /keys, or move its end with PATCH /keys/{id}.",
  key_revoked: "Make a new one with POST /keys.",
};

function missingFinding(missing: readonly Trial[]): Finding {
  const scopes = missing.map(({ scope }) => scope);
  const says = `lacks ${missing.map(({ scope, lets }) => `${scope} (${lets})`).join(", ")}`;
  const mend = `If it should have one of these: PATCH /keys/{id} with its "scopes", by a key that has keys:write.`;
  const level = scopes.includes("servers:read") ? "warn" : "note";
  return { level, about: "key", says, mend, facts: { missing: scopes } };
}
