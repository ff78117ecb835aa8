/** The session that a legacy request comes in. None is fine for most; one that is not good is told apart from none. */
import type { SessionState } from "../../core/contract/conversation.ts";
import type { Session } from "./rpc-call.ts";
import { plain, refuse, sayError, type Asker } from "./say.ts";
import { openSession } from "./session.ts";
import { stateOf } from "./session-state.ts";
import { keyIdOf, type Visit } from "./visit.ts";

export const sessionHeader = "mcp-session-id";

export interface InSession {
  readonly session: Session;
  readonly state: SessionState;
}

export type Found =
  | { readonly ok: true; readonly in?: InSession }
  | { readonly ok: false; readonly response: Response };

export async function findSession(visit: Visit, asker: Asker): Promise<Found> {
  const sealed = visit.request.headers.get(sessionHeader);
  if (sealed === null) return { ok: true };
  const { house, identity, endpoint } = visit;
  const session = await openSession(house, sealed, keyIdOf(identity), endpoint);
  if (!session) return { ok: false, response: unknownSession(asker) };
  const state = await stateOf(house, session);
  if (!state.ok) return { ok: false, response: refuse(asker, state.failure) };
  if (state.value.ended) return { ok: false, response: unknownSession(asker) };
  return { ok: true, in: { session, state: state.value } };
}

/** 404 tells a client to open a new session (specification, "Streamable HTTP", session management). */
function unknownSession(asker: Asker): Response {
  return plain(sayError(asker, { code: 40_400, message: "Session not found", status: 404 }));
}

export function missingSession(asker: Asker): Response {
  return plain(sayError(asker, { code: -32_600, message: "Mcp-Session-Id is missing", status: 400 }));
}
