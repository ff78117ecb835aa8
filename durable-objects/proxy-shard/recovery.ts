/**
 * Servers that the map says are ours but of which there is no row: the disk was lost, or news has not come yet. Fleet
 * knows them. That it does not know one either is a guess, held for 2 s so that a wrong name cannot flood it.
 */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { Custody } from "./custody.ts";
import { Flights } from "./flights.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Ownership } from "./ownership.ts";
import { Recent } from "./recent.ts";
import type { Server, Servers } from "./servers.ts";

const missLifeMs = 2_000;

interface Miss {
  readonly answer: Outcome<never>;
  readonly at: number;
}

export interface RecoveryRooms {
  readonly ownership: Ownership;
  readonly servers: Servers;
  readonly custody: Custody;
  readonly neighbours: Neighbours;
}

export class Recovery {
  readonly #rooms: RecoveryRooms;
  readonly #misses = new Recent<Miss>(1_000);
  readonly #questions = new Flights<Outcome<void>>();

  constructor(rooms: RecoveryRooms) {
    this.#rooms = rooms;
  }

  /** A server of this shard: its row, else Fleet's word. */
  async find(id: string): Promise<Outcome<Server>> {
    const { servers } = this.#rooms;
    const known = servers.get(id);
    if (known) return success(known);
    const miss = this.#misses.get(id);
    if (miss && Date.now() - miss.at < missLifeMs) return miss.answer;
    const asked = await this.#questions.join(id, () => this.#ask(id));
    if (!asked.ok) return asked;
    const found = servers.get(id);
    return found ? success(found) : failure({ code: "unknown_server", server: id, nearest: [] });
  }

  /** Everything that is ours, in one question. */
  all(): Promise<Outcome<void>> {
    return this.#questions.join("", () => this.#askForAll());
  }

  /** Until what is under way has come: a listing should not be short because a shard has just begun. */
  async settled(): Promise<void> {
    if (this.#questions.has("")) await this.all();
  }

  async #ask(id: string): Promise<Outcome<void>> {
    const { ownership, custody, neighbours } = this.#rooms;
    const departedBefore = custody.departed;
    const placed = await neighbours.server(id);
    if (placed.ok && placed.value.shard !== ownership.shard) {
      await ownership.catchUp();
      return ownership.moved();
    }
    if (placed.ok) {
      custody.recover([placed.value.record], departedBefore);
      return success(undefined);
    }
    if (placed.failure.code === "unknown_server") this.#misses.set(id, { answer: placed, at: Date.now() });
    return placed;
  }

  async #askForAll(): Promise<Outcome<void>> {
    const { ownership, custody, neighbours } = this.#rooms;
    const departedBefore = custody.departed;
    const records = await neighbours.serversOf(ownership.shard);
    if (!records.ok) return records;
    custody.recover(records.value, departedBefore);
    return success(undefined);
  }
}
