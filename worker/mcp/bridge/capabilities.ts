/** What a server may ask of a client, and what the client must have declared for it (specification, "client features"). */
import { askable } from "../../../core/protocol/client-capabilities.ts";
import { isObject } from "../../../core/protocol/json-rpc.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import { rpcCodes } from "../rpc-error.ts";
import { rpcError, type RpcOutcome } from "../rpc-call.ts";

export const tasksExtension = "io.modelcontextprotocol/tasks";

/** The capability that a request of a server calls for; undefined when it is nothing that may be asked. */
export function capabilityFor(method: string): string | undefined {
  return askable.get(method);
}

export function declares(capabilitiesText: string, capability: string): boolean {
  return memberText(capabilitiesText, capability)?.startsWith("{") === true;
}

/** Whether there is anything at all that a server may ask this client. */
export function canBeAsked(capabilitiesText: string): boolean {
  return [...askable.values()].some((capability) => declares(capabilitiesText, capability));
}

export function knowsTasks(capabilitiesText: string): boolean {
  const declared: unknown = JSON.parse(memberText(capabilitiesText, "extensions") ?? "{}");
  return isObject(declared) && isObject(declared[tasksExtension]);
}

/**
 * As a server is told of a legacy client: what cannot be carried between the two is left out. Tasks of either era are
 * such; without a stream to put questions on (`carries`), so is all that may be asked.
 */
export function carriedCapabilities(capabilitiesText: string, carries: boolean): string {
  const changes = new Map<string, string | undefined>([["tasks", undefined]]);
  if (!carries) for (const capability of askable.values()) changes.set(capability, undefined);
  const extensions = memberText(capabilitiesText, "extensions");
  if (extensions?.startsWith("{"))
    changes.set("extensions", withMembers(extensions, new Map([[tasksExtension, undefined]])));
  return withMembers(capabilitiesText, changes);
}

/** −32021: the server needs what the client did not declare. `methods`: what it asked. */
export function missingFor(methods: Iterable<string>): RpcOutcome {
  const capabilities = [...methods].map((method) => capabilityFor(method) ?? method).sort();
  return missing(Object.fromEntries(capabilities.map((capability) => [capability, {}])));
}

export function missingTasks(): RpcOutcome {
  return missing({ extensions: { [tasksExtension]: {} } });
}

function missing(requiredCapabilities: Readonly<Record<string, unknown>>): RpcOutcome {
  const dataText = JSON.stringify({ requiredCapabilities });
  const names = Object.keys(requiredCapabilities).join(", ");
  return rpcError(rpcCodes.missingCapability, `The server needs a client capability that was not declared: ${names}`, {
    dataText,
    status: 400,
  });
}
