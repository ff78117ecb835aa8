/** Values for a JSON Schema: most of them fit it, some miss it on purpose at any depth. */
import fc from "fast-check";

/** As much of a JSON Schema (2020-12) as zod writes. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly pattern?: string;
}

export interface World {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** By property name: values that mean something to the gateway. */
  readonly hints: Readonly<Record<string, fc.Arbitrary<unknown>>>;
}

const oddities = [
  "",
  "x".repeat(5_000),
  "__proto__",
  "constructor",
  "\u0000",
  "💥",
  "\ud800",
  "../..",
  "%00",
  "' OR 1=1",
];

export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    ...oddities,
    null,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53 + 1,
    true,
    [],
    {},
    [[[]]],
    JSON.parse(`{"__proto__":{}}`),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A value that fits the schema, or nearly. */
export function valueFor(schema: JsonSchema, world: World, name = ""): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 14, arbitrary: fitting(schema, world, name) }, { weight: 1, arbitrary: junk });
}

function fitting(schema: JsonSchema, world: World, name: string): fc.Arbitrary<unknown> {
  const hint = Object.hasOwn(world.hints, name) ? world.hints[name] : undefined;
  if (hint) return hint;
  if (schema.$ref !== undefined) {
    const target = world.schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {};
    return fitting(target, world, name);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valueFor(one, world)));
  switch (schema.type) {
    case "object":
      return objects(schema, world);
    case "array":
      return fc.array(valueFor(schema.items ?? {}, world), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case "integer":
    case "number":
      return fc.integer({ min: bounded(schema.minimum, -10), max: bounded(schema.maximum, 100_000) });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return strings(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(schema: JsonSchema, world: World): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, propertyNames = { type: "string" } } = schema;
  if (!properties && typeof additionalProperties === "object") {
    const names = valueFor(propertyNames, world).map(textOf);
    return fc.array(fc.tuple(names, valueFor(additionalProperties, world)), { maxLength: 3 }).map(Object.fromEntries);
  }
  const required = new Set(schema.required);
  const members = Object.entries(properties ?? {}).map(([name, property]) =>
    fc
      .tuple(outOf20(required.has(name) ? 19 : 8), valueFor(property, world, name))
      .map(([isThere, value]) => (isThere ? [[name, value] as const] : [])),
  );
  const stranger = fc
    .tuple(outOf20(1), fc.constantFrom("surprise", "constructor", "id"), junk)
    .map(([isThere, name, value]) => (isThere ? [[name, value] as const] : []));
  return fc.tuple(...members, stranger).map((parts) => Object.fromEntries(parts.flat()));
}

function outOf20(times: number): fc.Arbitrary<boolean> {
  return fc.nat(19).map((dice) => dice < times);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function strings({ pattern, format, minLength = 0, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (format === "date-time") {
    const range = { min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern));
    } catch {
      // A pattern that fast-check cannot turn round.
    }
  }
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength ?? 30, 30)) });
}

function bounded(limit: number | undefined, fallback: number): number {
  return limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? fallback : limit;
}
