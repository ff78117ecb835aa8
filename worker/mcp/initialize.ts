/** `initialize`: a legacy client introduces itself and is given a session. */
import { eras } from "../../core/protocol/eras/index.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { findEndpoint } from "./endpoint.ts";
import { enter } from "./entry.ts";
import { sessionHeader } from "./find-session.ts";
import { plain, refuse, serverInfoText, type Asker } from "./say.ts";
import { beginSession } from "./session.ts";
import { noteBegun } from "./session-state.ts";
import { eventStreamHeaders } from "./stream/event-stream.ts";
import { keyIdOf, type PostedVisit } from "./visit.ts";

export async function initialize(visit: PostedVisit, asker: Asker): Promise<Response> {
  const { house, message, identity, endpoint, takes } = visit;
  const entry = await enter(visit, message.method);
  if (!entry.ok) return refuse(asker, entry.failure);
  const found = await findEndpoint(house, entry.value.offering);
  if (!found.ok) return refuse(asker, found.failure);
  const capabilitiesText = memberText(message.paramsText, "capabilities") ?? "{}";
  const protocolVersion = agreed(message.params["protocolVersion"]);
  const begun = await beginSession(house, {
    keyId: keyIdOf(identity),
    endpoint,
    protocolVersion,
    capabilitiesText: capabilitiesText.startsWith("{") ? capabilitiesText : "{}",
  });
  if (!begun.ok) return refuse(asker, begun.failure);
  noteBegun(begun.value.session);
  const { instructionsText } = found.value;
  const result =
    `{"protocolVersion":"${protocolVersion}","capabilities":${capabilitiesOf(entry.value.offering, found.value, "legacy")}` +
    `,"serverInfo":${serverInfoText}${instructionsText === undefined ? "" : `,"instructions":${instructionsText}`}}`;
  const text = `{"jsonrpc":"2.0","id":${asker.idText},"result":${result}}`;
  const headers = { [sessionHeader]: begun.value.sealed };
  if (takes.json) return plain({ text, status: 200, headers });
  return new Response(`data: ${text}\n\n`, { headers: { ...eventStreamHeaders, ...headers } });
}

/** The version that the client asks for if we speak it, else our newest of its era ("lifecycle", version negotiation). */
function agreed(asked: unknown): string {
  const { versions } = eras.legacy;
  return versions.find((version) => version === asked) ?? versions[0] ?? "";
}
