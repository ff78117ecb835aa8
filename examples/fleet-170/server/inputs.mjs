/** What a tool takes: each kind is a JSON Schema, and a test with a sentence for who gives something else. */

export const number = (description) => ({
  schema: { type: "number", description },
  takes: Number.isFinite,
  wants: "a number",
});

/** No larger than what a call computes in an instant. */
export const whole = (description, least = 0, most = 1_000_000) => ({
  schema: { type: "integer", description, minimum: least, maximum: most },
  takes: (value) => Number.isInteger(value) && value >= least && value <= most,
  wants: `a whole number from ${least} to ${most}`,
});

export const text = (description) => ({
  schema: { type: "string", description, maxLength: 100_000 },
  takes: (value) => typeof value === "string" && value.length <= 100_000,
  wants: "a text of at most 100000 characters",
});

export const oneOf = (description, words) => ({
  schema: { type: "string", description, enum: words },
  takes: (value) => words.includes(value),
  wants: `one of ${words.join(", ")}`,
});

export const date = (description) => ({
  schema: { type: "string", description: `${description}, as YYYY-MM-DD`, format: "date" },
  takes: (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(value).toJSON()?.slice(0, 10) === value,
  wants: "a date as YYYY-MM-DD",
});

export const numbers = (description) => ({
  schema: { type: "array", description, items: { type: "number" }, minItems: 1, maxItems: 10_000 },
  takes: (value) => Array.isArray(value) && value.length > 0 && value.length <= 10_000 && value.every(Number.isFinite),
  wants: "1 to 10000 numbers",
});

export const texts = (description) => ({
  schema: { type: "array", description, items: { type: "string" }, maxItems: 10_000 },
  takes: (value) => Array.isArray(value) && value.length <= 10_000 && value.every((one) => typeof one === "string"),
  wants: "at most 10000 texts",
});

/** The first thing that is wrong with a call's arguments, as a sentence; nothing when all is well. */
export function faultOf(inputs, values) {
  for (const [name, input] of Object.entries(inputs)) {
    if (!input.takes(values[name])) return `${name} has to be ${input.wants}`;
  }
  const odd = Object.keys(values).find((name) => !Object.hasOwn(inputs, name));
  return odd === undefined ? undefined : `there is no argument ${odd}; there is ${Object.keys(inputs).join(", ")}`;
}

export function schemaOf(inputs) {
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(inputs).map(([name, { schema }]) => [name, schema])),
    required: Object.keys(inputs),
    additionalProperties: false,
  };
}
