/** What an operator may say of a toolset, whole and as a change. */
import { z } from "zod";
import { toolPatternSchema, uriPatternSchema } from "./pattern.ts";
import { serverIdSchema } from "./server.ts";
import { namings, toolsetIdSchema } from "./toolset.ts";

/** A record must fit a row (2 MB), and a page of them one RPC answer (32 MiB). */
export const mostToolsetBytes = 262_144;

const qualifiedName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]|_(?!_))*__[A-Za-z0-9_-]+$/, "not a qualified name, such as memory__read_graph");
const newName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/, "letters, digits, '_' and '-' only");
const argumentName = z.string().min(1).max(128);
const title = z.string().min(1).max(200);

const toolPatterns = z.array(toolPatternSchema).max(200);
const uriPatterns = z.array(uriPatternSchema).max(100);
const nameSelection = {
  allow: toolPatterns.describe("Qualified names that are offered, `*` allowed; all when left out."),
  deny: toolPatterns.describe("Qualified names that are not offered. Wins over `allow`."),
};
const uriSelection = {
  allow: uriPatterns.describe("URIs that are offered, `*` allowed; all when left out."),
  deny: uriPatterns.describe("URIs that are not offered. Wins over `allow`."),
};

const overrideFields = {
  name: newName.describe("The tool's name in this toolset, taken as it is, whatever `naming` says."),
  title: title.describe("Replaces the server's title."),
  description: z.string().min(1).max(4000).describe("Replaces the server's description."),
  fixedArguments: z
    .record(argumentName, z.unknown())
    .describe("Arguments that clients do not see, by name: the call carries this value, whatever the client sends."),
  hiddenArguments: z
    .array(argumentName)
    .max(100)
    .describe("Arguments that clients neither see nor send: the call goes without them."),
};

const words = {
  title: title.describe("A name for people."),
  description: z.string().min(1).max(2000).describe("What it is for, for people."),
  instructions: z.string().min(1).max(8000).describe("Told to every client that connects, for its model."),
  servers: z.array(serverIdSchema).max(1000).describe("The servers that it takes from; all when left out."),
};
const tools = { words: "Which tools.", fields: nameSelection };
const prompts = { words: "Which prompts.", fields: nameSelection };
const resources = { words: "Which resources and resource templates.", fields: uriSelection };
const overrides = "Changes to single tools, by qualified name.";
const naming = z
  .enum(namings)
  .describe(
    "Whether names begin with their server's id: `always`, only when two servers share a bare name (`conflict`), or " +
      "`never`: then the first server by id keeps a shared name, and those of the others are left out.",
  );

const wholeSchema = z.strictObject({
  ...z.strictObject(words).partial().shape,
  tools: z.strictObject(tools.fields).partial().optional().describe(tools.words),
  prompts: z.strictObject(prompts.fields).partial().optional().describe(prompts.words),
  resources: z.strictObject(resources.fields).partial().optional().describe(resources.words),
  overrides: z.record(qualifiedName, z.strictObject(overrideFields).partial()).default({}).describe(overrides),
  naming: naming.default("always"),
});

/** All but the id. A change, too, must leave this valid. */
export const toolsetBodySchema = wholeSchema.superRefine(checkTogether);
export type ToolsetBody = z.infer<typeof wholeSchema>;

export const toolsetInputSchema = wholeSchema
  .extend({ id: toolsetIdSchema })
  .superRefine(checkTogether)
  .meta({ id: "ToolsetInput" });

/** A JSON Merge Patch (RFC 7396): what is left out stays, null removes. */
export const toolsetPatchSchema = z
  .strictObject({
    ...nullable(words),
    tools: z.strictObject(nullable(tools.fields)).nullable().optional().describe(tools.words),
    prompts: z.strictObject(nullable(prompts.fields)).nullable().optional().describe(prompts.words),
    resources: z.strictObject(nullable(resources.fields)).nullable().optional().describe(resources.words),
    overrides: z
      .record(qualifiedName, z.strictObject(nullable(overrideFields)).nullable())
      .nullable()
      .optional()
      .describe(overrides),
    naming: naming.nullable().optional(),
  })
  .meta({ id: "ToolsetPatch" });

export type ToolsetPatch = z.infer<typeof toolsetPatchSchema>;

/** What no field can tell by itself. */
function checkTogether(body: ToolsetBody, check: z.RefinementCtx): void {
  const fault = (path: string[], message: string): void => check.addIssue({ code: "custom", path, message });
  const renamed = new Set<string>();
  for (const [tool, { name, fixedArguments = {}, hiddenArguments = [] }] of Object.entries(body.overrides)) {
    if (name !== undefined && renamed.has(name)) fault(["overrides", tool, "name"], "is given to another tool, too");
    if (name !== undefined) renamed.add(name);
    for (const [argument, value] of Object.entries(fixedArguments)) {
      const path = ["overrides", tool, "fixedArguments", argument];
      if (hiddenArguments.includes(argument)) fault(path, "is among the hidden arguments, too");
      if (holdsRoundedNumber(value)) fault(path, "holds a whole number beyond 2^53, which JSON readers round");
    }
  }
  if (new TextEncoder().encode(JSON.stringify(body)).length > mostToolsetBytes) {
    fault([], `a toolset may have ${mostToolsetBytes} bytes as JSON`);
  }
}

function holdsRoundedNumber(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsRoundedNumber);
}

type Nullable<T extends z.ZodRawShape> = { [Field in keyof T]: z.ZodOptional<z.ZodNullable<T[Field]>> };

function nullable<T extends z.ZodRawShape>(shape: T): Nullable<T> {
  const entries = Object.entries(shape).map(([name, schema]) => [name, z.optional(z.nullable(schema))]);
  // The same fields, one by one.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as Nullable<T>;
}
