/** Reads one list of a server to its end, within a budget: what is made up without end is cut off. */
import type { Failure } from "../contract/failure.ts";
import type { Outcome } from "../contract/outcome.ts";
import { elementSpans, memberSpans } from "../protocol/json-text.ts";
import type { Answer } from "./link.ts";

/** Shared by all lists of one server; counts down. */
export interface Budget {
  pages: number;
  bytes: number;
}

export interface Pages {
  /** Each element's own text. */
  readonly definitions: readonly string[];
  /** The shortest that any page gave. */
  readonly ttlMs: number | undefined;
  /** Why there may be more than this. */
  readonly cut?: string;
  readonly failure?: Failure;
}

const maxItems = 20_000;

/** `member` is the result's array; `ask` gets one page. */
export async function readPages(
  server: string,
  member: string,
  ask: (paramsText: string) => Promise<Outcome<Answer>>,
  budget: Budget,
): Promise<Pages> {
  const definitions: string[] = [];
  const cursors = new Set<string>();
  let ttlMs: number | undefined;
  let paramsText = "{}";
  for (;;) {
    if (budget.pages-- <= 0) return { definitions, ttlMs, cut: "too many pages" };
    const answered = await ask(paramsText);
    if (!answered.ok) return { definitions, ttlMs, failure: answered.failure };
    const { resultText, bytes } = answered.value;
    budget.bytes -= bytes;
    const spans = memberSpans(resultText);
    const textOf = (name: string) => {
      const span = spans.get(name);
      return span && resultText.slice(span.start, span.end);
    };
    const list = textOf(member);
    if (!list?.startsWith("[")) return { definitions, ttlMs, failure: notAPage(server, member) };
    for (const { start, end } of elementSpans(list)) {
      if (definitions.length >= maxItems) return { definitions, ttlMs, cut: `more than ${maxItems}` };
      definitions.push(list.slice(start, end));
    }
    ttlMs = shorter(ttlMs, textOf("ttlMs"));
    const cursor = textOf("nextCursor");
    // An empty cursor is no cursor to many servers.
    if (!cursor?.startsWith('"') || cursor === '""') return { definitions, ttlMs };
    if (cursors.has(cursor)) return { definitions, ttlMs, cut: "a cursor that repeats" };
    if (budget.bytes <= 0) return { definitions, ttlMs, cut: "too many bytes" };
    cursors.add(cursor);
    paramsText = `{"cursor":${cursor}}`;
  }
}

function notAPage(server: string, member: string): Failure {
  return { code: "answer_invalid", server, execution: "unknown", evidence: `a page without a list of ${member}` };
}

function shorter(known: number | undefined, text: string | undefined): number | undefined {
  const given = Number(text);
  return text !== undefined && given >= 0 && !(known !== undefined && known <= given) ? given : known;
}
