/**
 * Sessions of legacy clients that have their home here, as far as they are more than their sealed id says: rows,
 * written when something changes and swept when the id is no longer good. A session without a row is a fresh one.
 */
import type { SessionChange, SessionState } from "../../core/contract/conversation.ts";
import type { Schedule } from "./schedule.ts";
import type { Column, Store } from "./store.ts";

const mostSessions = 20_000;
/** The subscriptions of one session, as JSON text; what goes beyond is not taken. */
const mostSubscribed = 65_536;

const fresh: SessionState = { ended: false, subscriptions: [] };

interface SessionRow extends Record<string, Column> {
  readonly ended: number;
  readonly log_level: string | null;
  readonly subscriptions: string;
}

export class Sessions {
  readonly #store: Store;
  readonly #schedule: Schedule;
  #count: number;

  constructor(store: Store, schedule: Schedule) {
    this.#store = store;
    this.#schedule = schedule;
    this.#count = store.rows<{ sessions: number }>("SELECT count(*) AS sessions FROM session")[0]?.sessions ?? 0;
  }

  state(id: string): SessionState {
    const [row] = this.#store.rows<SessionRow>("SELECT ended, log_level, subscriptions FROM session WHERE id = ?", id);
    return row === undefined ? fresh : stateFrom(row);
  }

  change(id: string, change: SessionChange, endsAt: number): SessionState {
    const before = this.state(id);
    const after = changed(before, change);
    if (after === before) return before;
    this.#write(id, after, endsAt);
    return after;
  }

  /** When the next one may be swept; Infinity when there is none. */
  nextEndAt(): number {
    return this.#store.rows<{ at: number | null }>("SELECT min(ends_at) AS at FROM session")[0]?.at ?? Infinity;
  }

  sweep(now: number): void {
    this.#count -= this.#store.rows("DELETE FROM session WHERE ends_at <= ? RETURNING id", now).length;
  }

  #write(id: string, { ended, logLevel, subscriptions }: SessionState, endsAt: number): void {
    const [added] = this.#store.rows<{ id: string }>(
      "INSERT INTO session VALUES (?, 0, NULL, '[]', ?) ON CONFLICT DO NOTHING RETURNING id",
      id,
      endsAt,
    );
    this.#store.rows(
      "UPDATE session SET ended = ?, log_level = ?, subscriptions = ? WHERE id = ?",
      ended ? 1 : 0,
      logLevel ?? null,
      JSON.stringify(subscriptions),
      id,
    );
    if (added === undefined) return;
    this.#count += 1;
    if (this.#count > mostSessions) this.#makeRoom(id);
    this.#schedule.sweepBy(endsAt);
  }

  /** The one whose id ends first goes; if it was ended by its client, its id is good again for that little while. */
  #makeRoom(newest: string): void {
    const query = `DELETE FROM session WHERE id IN
      (SELECT id FROM session WHERE id <> ? ORDER BY ends_at LIMIT ?) RETURNING id`;
    this.#count -= this.#store.rows(query, newest, this.#count - mostSessions).length;
  }
}

/** The same object when nothing changes: an ended session stays as it is. */
function changed(state: SessionState, change: SessionChange): SessionState {
  if (state.ended) return state;
  if (change.is === "end") return { ended: true, subscriptions: [] };
  if (change.is === "log_level") {
    return change.level === state.logLevel ? state : { ...state, logLevel: change.level };
  }
  const has = state.subscriptions.includes(change.uri);
  if (has === (change.is === "subscribe")) return state;
  const subscriptions = has
    ? state.subscriptions.filter((uri) => uri !== change.uri)
    : [...state.subscriptions, change.uri];
  return JSON.stringify(subscriptions).length > mostSubscribed ? state : { ...state, subscriptions };
}

function stateFrom({ ended, log_level, subscriptions }: SessionRow): SessionState {
  return {
    ended: ended === 1,
    ...(log_level === null ? {} : { logLevel: log_level }),
    subscriptions: JSON.parse(subscriptions),
  };
}
