/** `${VAR}`, `${VAR:-default}`, `${env:VAR}`, `${input:id}`: what configuration files leave to the machine they lie on. */

export interface Filled {
  readonly text: string;
  /** Names that stood for a value which is not in the file. */
  readonly missing: readonly string[];
}

export type Values = ReadonlyMap<string, string>;

const none: Values = new Map();

export function fillDollars(text: string, inputs: Values = none): Filled {
  const missing: string[] = [];
  const filled = text.replace(/\$\{([^{}]*)\}/g, (whole, inner: string) => {
    const value = valueOf(inner, inputs);
    if (value === undefined) missing.push(nameOf(inner));
    return value ?? whole;
  });
  return { text: filled, missing };
}

/** `{tenant}`: the registry's own way (server.json). */
export function fillBraces(text: string, variables: Values): Filled {
  const missing: string[] = [];
  const filled = text.replace(/(?<!\$)\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => {
    const value = variables.get(name);
    if (value === undefined) missing.push(name);
    return value ?? whole;
  });
  return { text: filled, missing };
}

function valueOf(inner: string, inputs: Values): string | undefined {
  const fallback = inner.indexOf(":-");
  if (fallback > 0) return inner.slice(fallback + 2);
  return inner.startsWith("input:") ? inputs.get(inner.slice("input:".length)) : undefined;
}

function nameOf(inner: string): string {
  return inner.replace(/^(?:env|input):/, "").trim() || "a value without a name";
}
