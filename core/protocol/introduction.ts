/** What a server says of itself when a conversation opens, in either era. */
import { eras } from "./eras/index.ts";
import { isObject } from "./json-rpc.ts";
import { memberText } from "./json-text.ts";

/** What it offers; plain flags, so that they keep well in a row. */
export interface ServerCapabilities {
  readonly tools: boolean;
  readonly prompts: boolean;
  readonly resources: boolean;
  readonly completions: boolean;
  readonly logging: boolean;
  /** `resources/subscribe`. */
  readonly subscribe: boolean;
}

export interface Introduction {
  readonly protocolVersion: string;
  readonly capabilities: ServerCapabilities;
  /** All that it declared, a JSON object as text: extensions, experiments, details. */
  readonly capabilitiesText: string;
  readonly serverName?: string;
  readonly serverVersion?: string;
  readonly instructions?: string;
}

const longestName = 200;
const longestInstructions = 100_000;
const longestCapabilities = 100_000;

/** The result of `server/discover`; undefined when it is not one, or offers no modern version that we speak. */
export function readDiscovery(resultText: string): Introduction | undefined {
  const result: unknown = JSON.parse(resultText);
  if (!isObject(result) || !Array.isArray(result["supportedVersions"])) return undefined;
  const offered: readonly unknown[] = result["supportedVersions"];
  const protocolVersion = eras.modern.versions.find((version) => offered.includes(version));
  const meta = isObject(result["_meta"]) ? result["_meta"] : {};
  // Drafts of the revision had the identity in the result itself.
  const identity = meta["io.modelcontextprotocol/serverInfo"] ?? result["serverInfo"];
  return protocolVersion === undefined ? undefined : introduction(protocolVersion, resultText, result, identity);
}

/** The result of `initialize`; undefined when it is not one, or in a version that we do not speak. */
export function readGreeting(resultText: string): Introduction | undefined {
  const result: unknown = JSON.parse(resultText);
  if (!isObject(result)) return undefined;
  const protocolVersion = eras.legacy.versions.find((version) => version === result["protocolVersion"]);
  return protocolVersion === undefined
    ? undefined
    : introduction(protocolVersion, resultText, result, result["serverInfo"]);
}

function introduction(
  protocolVersion: string,
  resultText: string,
  result: Readonly<Record<string, unknown>>,
  identity: unknown,
): Introduction {
  const offers = isObject(result["capabilities"]) ? result["capabilities"] : {};
  const resources = offers["resources"];
  const { name, version } = isObject(identity) ? identity : {};
  const { instructions } = result;
  return {
    protocolVersion,
    capabilities: {
      tools: isObject(offers["tools"]),
      prompts: isObject(offers["prompts"]),
      resources: isObject(resources),
      completions: isObject(offers["completions"]),
      logging: isObject(offers["logging"]),
      subscribe: isObject(resources) && resources["subscribe"] === true,
    },
    capabilitiesText: capabilitiesText(resultText),
    ...(typeof name === "string" ? { serverName: name.slice(0, longestName) } : {}),
    ...(typeof version === "string" ? { serverVersion: version.slice(0, longestName) } : {}),
    ...(typeof instructions === "string" ? { instructions: instructions.slice(0, longestInstructions) } : {}),
  };
}

/** What is absurdly long is kept as if nothing but the plain flags had been said. */
function capabilitiesText(resultText: string): string {
  const text = memberText(resultText, "capabilities");
  return text?.startsWith("{") && text.length <= longestCapabilities ? text : "{}";
}
