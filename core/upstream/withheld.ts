/**
 * Some legacy servers have a tool only for clients that can be asked something. It is in the catalog, which is read as
 * by such a client; called for one that cannot be asked, the server denies that there is such a tool. The client should
 * hear why, so the very connection is asked for its list before the server's word is passed on.
 */
import type { Networks } from "../contract/bindings.ts";
import { failure, type Outcome } from "../contract/outcome.ts";
import { unaskable } from "../protocol/client-capabilities.ts";
import { memberText } from "../protocol/json-text.ts";
import { exchange } from "./exchange.ts";
import type { Answer, Bounds, Exchange } from "./link.ts";
import { readPages } from "./read-pages.ts";

const mostPages = 200;
const longestMs = 10_000;
/** A first guess only: what SDKs say of a name that they do not know. The list decides. */
const denial = /not found|unknown|no such|no tool|not exist|not available|invalid tool/i;

/** The outcome of a call of a tool that is in the catalog, or why there is no such tool for this client. */
export async function orWithheld(
  x: Exchange,
  outcome: Outcome<Answer>,
  bounds: Bounds,
  networks: Networks,
): Promise<Outcome<Answer>> {
  if (x.method !== "tools/call" || x.connection.era !== "legacy" || x.name === undefined) return outcome;
  const words = failureWords(outcome);
  if (words === undefined || !words.includes(x.name) || !denial.test(words)) return outcome;
  const missing = unaskable(x.clientCapabilitiesText ?? "{}");
  if (missing.length === 0 || (await lists(x, x.name, bounds, networks))) return outcome;
  const asked = missing.sort().join(", ");
  return failure({ code: "interaction_required", server: x.server, execution: "not_executed", asked });
}

function failureWords(outcome: Outcome<Answer>): string | undefined {
  if (outcome.ok) return outcome.value.isError ? outcome.value.resultText : undefined;
  return outcome.failure.code === "server_error" ? outcome.failure.rpcMessage : undefined;
}

/** Whether the tool is there on this connection; yes, too, when that cannot be found out. */
async function lists(x: Exchange, tool: string, bounds: Bounds, networks: Networks): Promise<boolean> {
  const { maxAnswerBytes, signal } = bounds;
  const deadlineAt = Math.min(bounds.deadlineAt, Date.now() + longestMs);
  const within: Bounds = { deadlineAt, maxAnswerBytes, ...(signal ? { signal } : {}) };
  const { connection, server, clientCapabilitiesText } = x;
  const told = clientCapabilitiesText === undefined ? {} : { clientCapabilitiesText };
  const ask = (paramsText: string) =>
    exchange({ connection, server, method: "tools/list", paramsText, safe: true, ...told }, within, networks);
  const pages = await readPages(server, "tools", ask, { pages: mostPages, bytes: maxAnswerBytes });
  if (pages.failure !== undefined || pages.cut !== undefined) return true;
  return pages.definitions.some((text) => memberText(text, "name") === JSON.stringify(tool));
}
