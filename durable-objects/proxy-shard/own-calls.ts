/** Calls that the shard dials itself, without a lease: they too go only where a breaker lets them, and tell it how it went. */
import type { Receipt } from "../../core/contract/call.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { Breakers } from "./breakers.ts";
import type { Connections } from "./connections.ts";
import type { Health } from "./health.ts";

export interface OwnCallRooms {
  readonly breakers: Breakers;
  readonly connections: Connections;
  readonly health: Health;
}

/** What is known of a call before it is dialled. */
export interface OwnCall {
  readonly server: string;
  readonly tool: string;
  readonly replica: string;
  readonly probe?: true;
}

export class OwnCalls {
  readonly #rooms: OwnCallRooms;

  constructor(rooms: OwnCallRooms) {
    this.#rooms = rooms;
  }

  begin(server: string, tool: string): Outcome<OwnCall> {
    const { breakers, connections } = this.#rooms;
    const gate = breakers.gate(server, connections.live(server), false, Date.now());
    if (gate.is === "shut") return failure(gate.failure);
    const [first] = gate.replicas;
    return success({ server, tool, replica: first?.replica ?? "", ...(gate.probe ? { probe: gate.probe } : {}) });
  }

  /** `replica`: which it was in the end. `saysNothing`: its client left. */
  end(call: OwnCall, replica: string | undefined, outcome: Outcome<unknown>, saysNothing: boolean): void {
    const { breakers, health } = this.#rooms;
    const now = Date.now();
    const status = !outcome.ok && outcome.failure.code === "server_status" ? { status: outcome.failure.status } : {};
    const receipt: Receipt = {
      ...call,
      replica: replica ?? call.replica,
      at: now,
      latencyMs: 0,
      bytesIn: 0,
      bytesOut: 0,
      result: outcome.ok ? "ok" : outcome.failure.code,
      ...status,
      ...(saysNothing ? { saysNothing } : {}),
    };
    for (const server of breakers.hear([receipt], now)) health.breakerTurned(server, now);
  }
}
