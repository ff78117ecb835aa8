/** `server/discover`: what a modern client learns of this endpoint without having opened anything. */
import { eras } from "../../../core/protocol/eras/index.ts";
import { capabilitiesOf } from "../capabilities.ts";
import { findEndpoint } from "../endpoint.ts";
import { result, type Method } from "../rpc-call.ts";

const ttlMs = 60_000;

export const discover: Method = async ({ house, offering, caller }) => {
  const found = await findEndpoint(house, offering);
  if (!found.ok) return found;
  const { instructionsText } = found.value;
  const instructions = instructionsText === undefined ? "" : `,"instructions":${instructionsText}`;
  // A key with a toolset of its own finds another one at the same address than others do.
  const cacheScope = caller.principal.toolset === undefined ? "public" : "private";
  return result(
    `{"supportedVersions":${JSON.stringify(eras.modern.versions)},` +
      `"capabilities":${capabilitiesOf(offering, found.value, "modern")}${instructions},` +
      `"ttlMs":${ttlMs},"cacheScope":"${cacheScope}"}`,
  );
};
