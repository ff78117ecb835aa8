/** What an endpoint says that it can do. */
import type { Era } from "../../core/contract/server.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import type { Introduction } from "./endpoint.ts";
import type { Offering } from "./rpc-call.ts";

/**
 * The lists are ours, from the catalogs, so they are there whatever a server has; what it does not have is empty.
 * Extensions are a server's own, and told of where one server is all there is: their methods and values pass through.
 */
export function capabilitiesOf(offering: Offering, { capabilitiesText }: Introduction, era: Era): string {
  const extensions = offering.is === "server" ? memberText(capabilitiesText, "extensions") : undefined;
  return (
    `{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true}` +
    `,"completions":{},"logging":{}${extensions?.startsWith("{") && era === "modern" ? `,"extensions":${extensions}` : ""}}`
  );
}
