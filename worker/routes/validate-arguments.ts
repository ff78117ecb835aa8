/** Checks arguments against a tool's input schema before the call, when the caller asks. */
import { Validator, type Schema } from "@cfworker/json-schema";
import type { FieldFault } from "../../core/contract/failure.ts";
import type { Principal } from "../../core/contract/key.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { allowed, qualify } from "../../core/policies/names.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import type { House } from "../house.ts";
import { askOwner } from "../leases/ask-owner.ts";
import type { NamedTool } from "../relay/resolve.ts";

/**
 * A schema is a stranger's program: one with patterns could keep V8's backtracking RegExp busy for seconds, which
 * on workerd stops everybody. So patterns are left out of the check; the server checks them itself.
 */
const unsafeKeywords: ReadonlySet<string> = new Set(["pattern", "patternProperties", "format"]);
const maxSchemaNodes = 5_000;
const maxFaults = 20;

export async function validateArguments(
  house: House,
  target: NamedTool,
  principal: Principal,
  argumentsText: string,
): Promise<Outcome<void>> {
  const tool = qualify(target.server, target.tool);
  // A tool that the key may not use, or that is not there, is told as such by the call itself.
  if (!allowed(principal.tools, tool)) return success(undefined);
  const found = await askOwner(
    house,
    (map) => ownerOf(map, target.server),
    (shard) => shard.toolDefinition(target.server, target.tool),
  );
  if (!found.ok) return success(undefined);
  const schema = inputSchemaOf(found.value.value);
  if (!schema) return success(undefined);
  const { valid, errors } = new Validator(schema, "2020-12", false).validate(JSON.parse(argumentsText));
  if (valid) return success(undefined);
  const fields: FieldFault[] = errors.slice(0, maxFaults).map((error) => ({
    path: `/arguments${error.instanceLocation.replace(/^#/, "")}`,
    message: error.error,
  }));
  return failure({ code: "invalid_arguments", tool, fields });
}

function inputSchemaOf(definition: string): Schema | undefined {
  let nodes = 0;
  const tool: unknown = JSON.parse(definition, (key, value: unknown) => {
    nodes += 1;
    return unsafeKeywords.has(key) && typeof value !== "object" ? undefined : value;
  });
  if (nodes > maxSchemaNodes || typeof tool !== "object" || tool === null || !("inputSchema" in tool)) return undefined;
  return isSchema(tool.inputSchema) ? tool.inputSchema : undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
