/** JSON Schemas in words, for the tables of the pages. */

/** As much of a JSON Schema as the tables tell. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: string;
}

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

export function fieldsOf(schema: Schema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeOf(property),
    required: schema.required?.includes(name) ?? false,
    description: descriptionOf(property),
  }));
}

export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const parts = schema.anyOf ?? schema.allOf;
  if (parts) return [...new Set(parts.map(typeOf))].join(" | ");
  if (schema.items) return `array of ${typeOf(schema.items)}`;
  const plain = typeof schema.type === "string" ? schema.type : (schema.type?.join(" | ") ?? "anything");
  if (typeof schema.additionalProperties === "object" && !schema.properties) {
    return `object of ${typeOf(schema.additionalProperties)}`;
  }
  return (
    plain + boundsOf(schema) + (schema.default === undefined ? "" : `, ${JSON.stringify(schema.default)} when left out`)
  );
}

function descriptionOf(schema: Schema): string {
  return schema.description ?? schema.anyOf?.find(({ description }) => description)?.description ?? "";
}

function boundsOf({ minimum, maximum, maxLength, format }: Schema): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (bounded) return ` ${minimum ?? 0} to ${maximum}`;
  if (maxLength !== undefined) return `, at most ${maxLength} characters`;
  return format === undefined ? "" : `, ${format}`;
}
