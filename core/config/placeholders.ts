/**
 * What files leave to the machine they lie on: `${VAR}` and `${VAR:-default}` (Claude), `${env:VAR}` (VS Code, Cursor),
 * `${input:id}` (VS Code), `{name}` (the MCP Registry). A value is put in as it is and never looked at again.
 */

/** A variable's value, or undefined when there is none; an input is asked for as `input:id`. */
export type Resolve = (name: string) => string | undefined;

export interface Values {
  readonly variable: Resolve;
  readonly input: Resolve;
  /** Every `${…}` stands for itself: somebody has put the values in already. */
  readonly literal?: boolean;
}

export interface Filled {
  readonly text: string;
  /** Names that stood for a value which there is not. */
  readonly missing: readonly string[];
}

export function fillDollars(text: string, values: Values): Filled {
  if (values.literal) return { text, missing: [] };
  const missing: string[] = [];
  const filled = text.replace(/\$\{([^{}]*)\}/g, (whole, inner: string) => {
    const { name, of, fallback } = partsOf(inner);
    const value = values[of](name);
    // As in a shell: `:-` stands in for what is empty, too.
    const found = fallback !== undefined && !value ? fallback : value;
    if (found === undefined) missing.push(name || "a value without a name");
    return found ?? whole;
  });
  return { text: filled, missing };
}

export function fillBraces(text: string, resolve: Resolve): Filled {
  const missing: string[] = [];
  const filled = text.replace(/(?<!\$)\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => {
    const value = resolve(name);
    if (value === undefined) missing.push(name);
    return value ?? whole;
  });
  return { text: filled, missing };
}

/** `${A:-${B}}`: no client that we know reads it, so neither do we; but it must not pass for text. */
export function nests(text: string): boolean {
  return /\$\{[^{}]*\$\{/.test(text);
}

function partsOf(inner: string): { name: string; of: "variable" | "input"; fallback: string | undefined } {
  const dash = inner.indexOf(":-");
  const written = dash > 0 ? inner.slice(0, dash) : inner;
  const fallback = dash > 0 ? inner.slice(dash + 2) : undefined;
  if (written.startsWith("input:")) return { name: written.slice("input:".length).trim(), of: "input", fallback };
  return { name: written.replace(/^env:/, "").trim(), of: "variable", fallback };
}
