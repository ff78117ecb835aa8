/**
 * Which servers are this shard's, and which keys have their home here: the shard map, as last published.
 * One row, so it survives a restart and Fleet's absence. Without a row (a new shard, a lost disk) Fleet is asked first.
 */
import type { Limit } from "../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import { homeOf, ownerOf } from "../../core/policies/placement.ts";
import { Flights } from "./flights.ts";
import type { Neighbours, PublishedMap } from "./neighbours.ts";
import { Recent } from "./recent.ts";
import type { Store } from "./store.ts";

const noMap: ShardMap = { revision: 0, shards: [], overrides: {}, previousShards: [] };

export function shardNumber(name: string | undefined): number {
  const shard = Number(/^shard:(\d+)$/.exec(name ?? "")?.[1]);
  if (!Number.isInteger(shard)) throw new Error(`a shard is named shard:N, not ${name}`);
  return shard;
}

export class Ownership {
  readonly shard: number;
  readonly #store: Store;
  readonly #neighbours: Neighbours;
  readonly #pulls = new Flights<Outcome<void>>();
  /** Hashing a name over all shards for every call would be waste. */
  readonly #owners = new Recent<number>(10_000);
  #map: ShardMap = noMap;
  #defaultLimit: Limit | null = null;
  #publications = 0;
  #changed: (first: boolean) => void = () => undefined;

  constructor(shard: number, store: Store, neighbours: Neighbours) {
    this.shard = shard;
    this.#store = store;
    this.#neighbours = neighbours;
    const [row] = store.rows<{ map: string; default_limit: string }>("SELECT map, default_limit FROM placement");
    if (row === undefined) return;
    this.#map = JSON.parse(row.map);
    this.#defaultLimit = JSON.parse(row.default_limit);
  }

  get map(): ShardMap {
    return this.#map;
  }

  get defaultLimit(): Limit | null {
    return this.#defaultLimit;
  }

  owns(server: string): boolean {
    if (this.#map.shards.length === 0) return false;
    let owner = this.#owners.get(server);
    if (owner === undefined) {
      owner = ownerOf(this.#map, server);
      this.#owners.set(server, owner);
    }
    return owner === this.shard;
  }

  isHome(keyId: string): boolean {
    return this.#map.shards.length > 0 && homeOf(this.#map.shards, keyId) === this.shard;
  }

  homeOf(keyId: string): number | undefined {
    return this.#map.shards.length === 0 ? undefined : homeOf(this.#map.shards, keyId);
  }

  /** The other shard that was home to this key before the fleet last changed; none when it was this one. */
  previousHome(keyId: string): number | undefined {
    const { previousShards } = this.#map;
    if (previousShards.length === 0) return undefined;
    const home = homeOf(previousShards, keyId);
    return home === this.shard ? undefined : home;
  }

  /**
   * Settles whether something is this shard's before anybody relies on it. With Fleet away, a map that says
   * "yours" is followed, since the asker's newer one says so too; one that says "not yours" proves nothing.
   */
  async claim(revision: number, mine: () => boolean): Promise<Outcome<void>> {
    if (this.#map.revision === 0 || this.#map.revision < revision) {
      const pulled = await this.catchUp();
      if (!pulled.ok && !mine()) return pulled;
    }
    return mine() ? success(undefined) : this.moved();
  }

  moved(): Outcome<never> {
    return failure({ code: "moved", revision: this.#map.revision });
  }

  /** Called after each map that was taken; `first` when there was none before. */
  onChange(changed: (first: boolean) => void): void {
    this.#changed = changed;
  }

  /**
   * Fleet's word. An older map than ours is late news. One we know already is told again to have us tidy up: what
   * came here on a move that did not happen is dropped. The default limit may change without a new revision.
   */
  publish(map: ShardMap, defaultLimit: Limit | null): void {
    if (map.revision < this.#map.revision) return;
    const first = this.#map.revision === 0;
    this.#publications += 1;
    this.#keep(map, defaultLimit);
    this.#changed(first);
  }

  /** Asks Fleet for its map; whoever asks meanwhile waits for the same answer. */
  catchUp(): Promise<Outcome<void>> {
    return this.#pulls.join("map", () => this.#pull());
  }

  async #pull(): Promise<Outcome<void>> {
    const before = this.#publications;
    const published: Outcome<PublishedMap> = await this.#neighbours.map();
    if (!published.ok) return published;
    const { map, defaultLimit } = published.value;
    // What was published while we asked may be newer than the answer, default limit included.
    if (map.revision > this.#map.revision) this.publish(map, defaultLimit);
    else if (before === this.#publications && map.revision === this.#map.revision) this.#keep(map, defaultLimit);
    return success(undefined);
  }

  #keep(map: ShardMap, defaultLimit: Limit | null): void {
    const [mapText, limitText] = [JSON.stringify(map), JSON.stringify(defaultLimit)];
    if (mapText === JSON.stringify(this.#map) && limitText === JSON.stringify(this.#defaultLimit)) return;
    this.#map = map;
    this.#defaultLimit = defaultLimit;
    this.#owners.clear();
    this.#store.rows("INSERT OR REPLACE INTO placement VALUES (1, ?, ?)", mapText, limitText);
  }
}
