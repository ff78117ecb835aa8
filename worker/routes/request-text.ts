/** The words of a request's address, each readable one way only: no broad guessing at broken escapes or at words that stand twice. */
import type { Context } from "hono";
import type { z } from "zod";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { AppEnv } from "../house.ts";

interface Named {
  readonly params?: z.ZodObject;
  readonly verb?: string;
}

export function pathText(c: Context<AppEnv>, spec: Named): Outcome<Record<string, string>> {
  const names = Object.keys(spec.params?.shape ?? {});
  if (names.length > 0 && !decodes(new URL(c.req.url).pathname)) {
    const fields = names.map((path) => ({ path, message: "is not valid percent-encoding of UTF-8 (RFC 3986)" }));
    return failure({ code: "invalid_fields", fields });
  }
  const ending = spec.verb === undefined ? "" : `:${spec.verb}`;
  return success(Object.fromEntries(names.map((name) => [name, withoutEnding(c.req.param(name) ?? "", ending)])));
}

export function queryText(request: Request): Outcome<Record<string, string>> {
  const search = new URL(request.url).searchParams;
  const twice = [...search.keys()].filter((name, index, all) => all.indexOf(name) !== index);
  if (twice.length === 0) return success(Object.fromEntries(search));
  const fields = [...new Set(twice)].map((path) => ({ path, message: "stands twice" }));
  return failure({ code: "invalid_fields", fields });
}

function decodes(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function withoutEnding(text: string, ending: string): string {
  return text.endsWith(ending) ? text.slice(0, text.length - ending.length) : text;
}
