/** A toolset as the API shows it. Fixed arguments may be what clients shall not know, so only its writers see them. */
import { z } from "zod";
import { allows } from "../../../core/contract/scope.ts";
import { namings, type Selection, type ToolOverride, type Toolset } from "../../../core/contract/toolset.ts";
import type { Caller } from "../../house.ts";
import { instant, instantSchema } from "../instant.ts";

const selectionSchema = z.object({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).optional() });

const overrideSchema = z.object({
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  fixedArguments: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Each value is null for callers who may not change toolsets."),
  hiddenArguments: z.array(z.string()).optional(),
});

export const toolsetSchema = z
  .object({
    id: z.string(),
    title: z.string().nullable(),
    description: z.string().nullable(),
    instructions: z.string().nullable().describe("Told to every client that connects, for its model."),
    servers: z.array(z.string()).nullable().describe("Null is every server."),
    tools: selectionSchema.nullable().describe("Patterns on qualified names; null is every tool."),
    prompts: selectionSchema.nullable().describe("Patterns on qualified names; null is every prompt."),
    resources: selectionSchema.nullable().describe("Patterns on URIs; null is every resource and template."),
    overrides: z.record(z.string(), overrideSchema).describe("Changes to single tools, by qualified name."),
    naming: z.enum(namings),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: "Toolset" });

export type ToolsetView = z.infer<typeof toolsetSchema>;

export function viewToolset(toolset: Toolset, caller: Caller): ToolsetView {
  const seesValues = allows(caller.principal.scopes, "toolsets:write");
  const overrides = Object.entries(toolset.overrides);
  return {
    id: toolset.id,
    title: toolset.title ?? null,
    description: toolset.description ?? null,
    instructions: toolset.instructions ?? null,
    servers: toolset.servers ? [...toolset.servers] : null,
    tools: viewSelection(toolset.tools),
    prompts: viewSelection(toolset.prompts),
    resources: viewSelection(toolset.resources),
    overrides: Object.fromEntries(overrides.map(([name, override]) => [name, viewOverride(override, seesValues)])),
    naming: toolset.naming,
    createdAt: instant(toolset.createdAt),
    updatedAt: instant(toolset.updatedAt),
  };
}

function viewSelection(selection: Selection | undefined): ToolsetView["tools"] {
  if (selection === undefined) return null;
  const { allow, deny } = selection;
  return { ...(allow ? { allow: [...allow] } : {}), ...(deny ? { deny: [...deny] } : {}) };
}

function viewOverride(override: ToolOverride, seesValues: boolean): ToolsetView["overrides"][string] {
  const { fixedArguments, hiddenArguments, ...words } = override;
  const fixed = Object.entries(fixedArguments ?? {}).map(([name, text]): [string, unknown] => [
    name,
    seesValues ? JSON.parse(text) : null,
  ]);
  return {
    ...words,
    ...(fixedArguments ? { fixedArguments: Object.fromEntries(fixed) } : {}),
    ...(hiddenArguments ? { hiddenArguments: [...hiddenArguments] } : {}),
  };
}
