/**
 * What a session is besides its sealed id: ended or not, its log level, its subscriptions. The home shard keeps it; the
 * isolate holds a copy for as long as leases live, so that a busy session does not ask for every request.
 */
import type { SessionChange, SessionState } from "../../core/contract/conversation.ts";
import { leaseLifeMs } from "../../core/contract/leases.ts";
import { success, type Outcome } from "../../core/contract/outcome.ts";
import type { House } from "../house.ts";
import { askShard } from "../objects.ts";
import type { Session } from "./rpc-call.ts";

interface Copy {
  readonly state: SessionState;
  readonly endsAt: number;
}

const copies = new Map<string, Copy>();
const mostCopies = 10_000;

export async function stateOf(house: House, session: Session): Promise<Outcome<SessionState>> {
  const askedAt = Date.now();
  const copy = copies.get(session.id);
  if (copy && copy.endsAt > askedAt) return success(copy.state);
  const state = await askShard(house.env, session.shard, (shard) => shard.session(session.id));
  if (state.ok) note(session, state.value, askedAt);
  return state;
}

/** As this isolate knows it, however long ago it asked. */
export function lastKnown(session: Session): SessionState | undefined {
  return copies.get(session.id)?.state;
}

export async function changeState(
  house: House,
  session: Session,
  change: SessionChange,
): Promise<Outcome<SessionState>> {
  const askedAt = Date.now();
  const { id, endsAt } = session;
  const state = await askShard(house.env, session.shard, (shard) => shard.changeSession(id, change, endsAt));
  if (state.ok) note(session, state.value, askedAt);
  return state;
}

/** A session that has just begun is as it is made. */
export function noteBegun(session: Session): void {
  note(session, { ended: false, subscriptions: [] }, Date.now());
}

function note(session: Session, state: SessionState, askedAt: number): void {
  const endsAt = askedAt + leaseLifeMs;
  // An answer that was overtaken by a later question's says nothing new.
  if ((copies.get(session.id)?.endsAt ?? 0) > endsAt) return;
  copies.delete(session.id);
  if (copies.size >= mostCopies) copies.delete(copies.keys().next().value ?? "");
  copies.set(session.id, { state, endsAt });
}
