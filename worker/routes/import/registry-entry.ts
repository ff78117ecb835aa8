/** A `server.json` of the MCP Registry: its remotes, with their variables; in camelCase and in the older snake_case. */
import { z } from "zod";
import { connectorNeeded, needsSecret, refused, type Read } from "./entry.ts";
import { fillBraces, fillDollars, type Filled, type Values } from "./placeholders.ts";

const variables = z.record(z.string(), z.looseObject({ default: z.string().optional(), value: z.string().optional() }));

const headerSchema = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  default: z.string().optional(),
  isRequired: z.boolean().optional(),
  is_required: z.boolean().optional(),
  variables: variables.optional(),
});

const remoteSchema = z.looseObject({
  type: z.string().optional(),
  transport_type: z.string().optional(),
  url: z.string(),
  headers: z.array(headerSchema).optional(),
  variables: variables.optional(),
});

const registrySchema = z.looseObject({
  title: z.string().min(1).max(200).optional(),
  remotes: z.array(remoteSchema).optional(),
  packages: z.array(z.unknown()).optional(),
});

export function readRegistryEntry(value: unknown): Read {
  const parsed = registrySchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused(`${issue?.path.join(".") || "The entry"}: ${issue?.message ?? "is not understood"}.`);
  }
  const { remotes = [], packages = [], title } = parsed.data;
  const remote = remotes.find((one) => /streamable|http/i.test(typeOf(one))) ?? remotes[0];
  if (!remote) return packages.length > 0 ? connectorNeeded() : refused("It lists no remotes.");
  const url = fillBraces(remote.url, valuesOf(remote.variables));
  const headers = (remote.headers ?? []).map((header) => ({ name: header.name, ...readHeader(header) }));
  const missing = [...new Set([...url.missing, ...headers.flatMap((header) => header.missing)])];
  if (missing.length > 0) return { ok: false, why: needsSecret(missing) };
  const notes = headers.flatMap(({ name, text }) =>
    text === undefined ? [`Header ${name.slice(0, 100)} is optional and has no value, so it was left out.`] : [],
  );
  if (remotes.length > 1) notes.push(`It lists ${remotes.length} remotes; the first that speaks HTTP was taken.`);
  return {
    ok: true,
    remote: {
      url: url.text,
      headers: Object.fromEntries(headers.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text]]))),
      ...(title ? { title } : {}),
      disabled: false,
      notes,
    },
  };
}

type Header = z.infer<typeof headerSchema>;

function readHeader(header: Header): { readonly text?: string; readonly missing: readonly string[] } {
  const given = header.value ?? header.default;
  const required = header.isRequired ?? header.is_required ?? false;
  if (given === undefined) return { missing: required ? [header.name] : [] };
  const braces = fillBraces(given, valuesOf(header.variables));
  const dollars: Filled = fillDollars(braces.text);
  return { text: dollars.text, missing: [...braces.missing, ...dollars.missing] };
}

function typeOf(remote: z.infer<typeof remoteSchema>): string {
  return remote.type ?? remote.transport_type ?? "";
}

function valuesOf(given: z.infer<typeof variables> | undefined): Values {
  return new Map(
    Object.entries(given ?? {}).flatMap(([name, { value, default: fallback }]) => {
      const text = value ?? fallback;
      return text === undefined ? [] : [[name, text] as const];
    }),
  );
}
