/** A value that the MCP Registry describes instead of writing it: fixed, with a default, with variables, or to be given. */
import { z } from "zod";
import { fillBraces, fillDollars, type Resolve, type Values } from "./placeholders.ts";

const variableSchema = z.looseObject({ value: z.string().optional(), default: z.string().optional() });

/** As of schema 2025-12-11; the older snake_case of 2025-07-09 is read as the same, see `inCamelCase`. */
export const inputShape = {
  value: z.string().optional(),
  default: z.string().optional(),
  isRequired: z.boolean().optional(),
  variables: z.record(z.string(), variableSchema).optional(),
};

export type RegistryInput = z.infer<z.ZodObject<typeof inputShape>>;

export interface Given {
  /** Absent: there is none. */
  readonly text?: string;
  readonly missing: readonly string[];
}

/** `name` is the variable that an environment may hold it in. */
export function valueOfInput(input: RegistryInput, name: string, values: Values): Given {
  const written = input.value ?? values.variable(name) ?? input.default;
  if (written === undefined) return { missing: input.isRequired === true ? [name.replace(/^input:/, "")] : [] };
  // What the environment gave is no template.
  if (input.value === undefined && values.variable(name) !== undefined) return { text: written, missing: [] };
  const braces = fillBraces(written, resolveWith(input.variables, values));
  // A value that was put in may hold anything; only the registry's own text may hold placeholders of the other sort.
  if (braces.text !== written || braces.missing.length > 0) return braces;
  return fillDollars(written, values);
}

export function resolveWith(variables: RegistryInput["variables"], values: Values): Resolve {
  return (name) => {
    const said = variables && Object.hasOwn(variables, name) ? variables[name] : undefined;
    return said?.value ?? said?.default ?? values.input(name);
  };
}

/** The members of one object of a `server.json`; not of the maps in it, whose names are people's own. */
export function inCamelCase(given: unknown): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
