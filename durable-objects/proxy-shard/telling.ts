/** What happens to servers, put as signals: down, up again, tools that are not what they were. */
import type { Admissions } from "./admission.ts";
import type { Breakers } from "./breakers.ts";
import type { Catalogs } from "./catalog.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { Judging } from "./judging.ts";
import type { Keys } from "./keys.ts";
import type { Server, Servers } from "./servers.ts";
import { Signals, type SignalRooms } from "./signals.ts";
import type { ToolChanges } from "./tool-changes.ts";

export interface TellingRooms extends SignalRooms {
  readonly shard: number;
  readonly servers: Servers;
  readonly catalogs: Catalogs;
  readonly keys: Keys;
  readonly admissions: Admissions;
  readonly checkpoint: Checkpoint;
  readonly breakers: Breakers;
}

const mostNames = 10;
const longestName = 64;

export function openTelling(rooms: TellingRooms): { readonly signals: Signals; readonly judging: Judging } {
  const now = Date.now();
  const { servers, catalogs, admissions, breakers } = rooms;
  const signals = new Signals(rooms, now);
  const judging = new Judging({ ...rooms, signals, limitUse: admissions.limitUse }, now);
  servers.onChange((id, server, before) => serverChanged(signals, id, server, before));
  catalogs.onToolsChanged((server, changes, at) => toolsChanged(signals, server, changes, at));
  breakers.onTurn((server, replica, isOpen) => breakerTurned(signals, breakers, { server, replica, isOpen }));
  // They are in memory only, so none is open yet.
  for (const subject of signals.wrongOf("breaker_open")) signals.right("breaker_open", subject, now);
  for (const server of servers.all()) serverChanged(signals, server.record.id, server, undefined);
  return { signals, judging };
}

/** A server that comes from another shard comes as it is: that it is down may have been told, and may not. */
function serverChanged(signals: Signals, id: string, server: Server | undefined, before: Server | undefined): void {
  if (server === undefined) return left(signals, id);
  const { state, reason, since } = server;
  if (state === "down") {
    signals.wrong("server_down", id, since, { reason, certificate: speaksOfCertificate(reason) });
  } else if (state === "unknown" || state === "disabled") {
    // An operator has changed it: what was told is over or will be told anew.
    signals.forget("server_down", id);
  } else if ((state === "ready" || state === "degraded") && (before?.state === "down" || before?.state === "unknown")) {
    signals.right("server_down", id, since);
  }
}

/** Whoever has it from now on tells how it is; a breaker does not go with it. */
function left(signals: Signals, id: string): void {
  signals.forget("server_down", id);
  for (const subject of signals.wrongOf("breaker_open")) {
    if (subject.startsWith(`${id}/`)) signals.right("breaker_open", subject, Date.now());
  }
}

function breakerTurned(
  signals: Signals,
  breakers: Breakers,
  { server, replica, isOpen }: { readonly server: string; readonly replica: string; readonly isOpen: boolean },
): void {
  const subject = `${server}/${replica}`;
  const now = Date.now();
  if (isOpen) signals.wrong("breaker_open", subject, now, { reason: breakers.reasonOf(server) ?? "" });
  else if (signals.isWrong("breaker_open", subject)) signals.right("breaker_open", subject, now);
}

/**
 * All that can be told from inside a Worker: Cloudflare answers 525 and 526 in place of a server whose certificate it does
 * not take, and who is behind a connector may say so in words. workerd calls it an "internal error", as it does much else.
 */
function speaksOfCertificate(reason: string): boolean {
  return /HTTP status 52[56]\b|\bcertificate\b|\bTLS\b|\bSSL\b/i.test(reason);
}

/** New tools are no surprise; a known one that reads otherwise now, or is gone, may be. */
function toolsChanged(signals: Signals, server: string, { changed, gone }: ToolChanges, at: number): void {
  const parts = [...sentenceOf("Changed", changed), ...sentenceOf("Gone", gone)];
  if (parts.length > 0) signals.once("tool_changed", server, at, { reason: parts.join(" "), token: String(at) });
}

function sentenceOf(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const told = names.slice(0, mostNames).map((name) => name.slice(0, longestName));
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  return [`${what}: ${told.join(", ")}${more}.`];
}
