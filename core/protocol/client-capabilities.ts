/** What a server may ask of a client (specification, "client features"), as the gateway can carry it between the two. */
import { isObject } from "./json-rpc.ts";

/** By method, the capability that a client must have declared to be asked it. */
export const askable: ReadonlyMap<string, string> = new Map([
  ["elicitation/create", "elicitation"],
  ["sampling/createMessage", "sampling"],
  ["roots/list", "roots"],
]);

/** All of it, a JSON object as text: what a catalog is read with, since some servers show a tool only to who can be asked. */
export const everyCapabilityText = JSON.stringify({
  elicitation: { form: {}, url: {} },
  sampling: { context: {}, tools: {} },
  roots: { listChanged: true },
});

/** Methods that a client with these capabilities, a JSON object as text, cannot be asked. */
export function unaskable(capabilitiesText: string): string[] {
  const declared: unknown = JSON.parse(capabilitiesText);
  return [...askable].flatMap(([method, capability]) =>
    isObject(declared) && isObject(declared[capability]) ? [] : [method],
  );
}
