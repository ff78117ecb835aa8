/** From what an operator says of a toolset to what Fleet keeps of it, and back. */
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import type { Toolset, ToolOverride } from "../../../core/contract/toolset.ts";
import { toolsetBodySchema, type ToolsetBody, type ToolsetPatch } from "../../../core/contract/toolset-input.ts";
import { faultsOf } from "../faults.ts";
import { mergePatch } from "../merge-patch.ts";

type Instants = Pick<Toolset, "createdAt" | "updatedAt">;
type SaidOverride = ToolsetBody["overrides"][string];

export function recordOf(id: string, body: ToolsetBody, { createdAt, updatedAt }: Instants): Toolset {
  const { servers, tools, prompts, resources, overrides, naming, ...words } = body;
  const kept: Toolset = {
    id,
    ...defined(words),
    ...(servers === undefined ? {} : { servers: [...new Set(servers)] }),
    ...(tools === undefined ? {} : { tools: defined(tools) }),
    ...(prompts === undefined ? {} : { prompts: defined(prompts) }),
    ...(resources === undefined ? {} : { resources: defined(resources) }),
    overrides: mapValues(overrides, keptOverride),
    naming,
    createdAt,
    updatedAt,
  };
  return kept;
}

/** What the patch leaves out stays. The outcome is judged as a whole, as if it had been said at once. */
export function changedRecord(toolset: Toolset, patch: ToolsetPatch, now: number): Outcome<Toolset> {
  const said = toolsetBodySchema.safeParse(mergePatch(bodyOf(toolset), patch));
  if (!said.success) return failure({ code: "invalid_fields", fields: faultsOf(said.error, "/") });
  return success(recordOf(toolset.id, said.data, { createdAt: toolset.createdAt, updatedAt: now }));
}

/** As an operator would say it. */
function bodyOf(toolset: Toolset) {
  const { id: _, createdAt: __, updatedAt: ___, overrides, ...said } = toolset;
  return { ...said, overrides: mapValues(overrides, saidOverride) };
}

function keptOverride({ fixedArguments, hiddenArguments, ...words }: SaidOverride): ToolOverride {
  return {
    ...defined(words),
    ...(fixedArguments === undefined
      ? {}
      : { fixedArguments: mapValues(fixedArguments, (value) => JSON.stringify(value)) }),
    ...(hiddenArguments === undefined ? {} : { hiddenArguments: [...new Set(hiddenArguments)] }),
  };
}

function saidOverride({ fixedArguments, ...rest }: ToolOverride) {
  if (fixedArguments === undefined) return rest;
  return { ...rest, fixedArguments: mapValues(fixedArguments, (text): unknown => JSON.parse(text)) };
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

type Defined<T> = { [Field in keyof T]: Exclude<T[Field], undefined> };

/** zod's types let a field that was left out be undefined; ours do not. */
function defined<T extends object>(fields: T): Defined<T> {
  // Fields without a value are gone, which `Defined` says of those that are left.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
