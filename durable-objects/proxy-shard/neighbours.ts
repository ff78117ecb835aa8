/** Fleet and the other shards, reached by name. Either may be away: every answer is an outcome, and no wait is endless. */
import type { ClaimName, ClaimRecord, ClaimRpc } from "../../core/contract/claim.ts";
import type { Signal, Thresholds } from "../../core/contract/alert.ts";
import type { AlertRpc } from "../../core/contract/alert-rpc.ts";
import type { FleetRpc, PlacedServer } from "../../core/contract/fleet-rpc.ts";
import type { KeyRecord } from "../../core/contract/key.ts";
import type { Limit } from "../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { ShardMap } from "../../core/contract/shard-map.ts";
import type { BucketState, ProxyShardRpc } from "../../core/contract/shard-rpc.ts";
import { shardName } from "../../core/policies/placement.ts";
import { within } from "./patience.ts";

const waitMs = 5_000;

export interface PublishedMap {
  readonly map: ShardMap;
  readonly defaultLimit: Limit | null;
}

/** The part of a Durable Object binding that is used here: a stub answers to the contract and nothing else. */
interface Namespace<Rpc> {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): Rpc;
}

/** What shards ask of each other. */
type OtherShard = Pick<ProxyShardRpc, "surrenderKey"> & Pick<ClaimRpc, "surrenderClaim" | "takeClaims">;

type FleetForShards = FleetRpc & Pick<AlertRpc, "signal">;

export interface NeighbourEnv {
  readonly FLEET: Namespace<FleetForShards>;
  readonly SHARD: Namespace<OtherShard>;
}

export class Neighbours {
  readonly #env: NeighbourEnv;

  constructor(env: NeighbourEnv) {
    this.#env = env;
  }

  map(): Promise<Outcome<PublishedMap>> {
    return this.#askFleet(async (fleet) => {
      const [map, defaultLimit] = await Promise.all([fleet.map(), fleet.defaultLimit()]);
      return success({ map, defaultLimit });
    });
  }

  key(id: string): Promise<Outcome<KeyRecord>> {
    return this.#askFleet((fleet) => fleet.key(id));
  }

  server(id: string): Promise<Outcome<PlacedServer>> {
    return this.#askFleet((fleet) => fleet.server(id));
  }

  serversOf(shard: number): Promise<Outcome<readonly ServerRecord[]>> {
    return this.#askFleet(async (fleet) => success(await fleet.serversOf(shard)));
  }

  /** News of what went wrong or right. Answers with what to measure against. */
  signal(signals: readonly Signal[]): Promise<Outcome<Thresholds>> {
    return this.#askFleet(async (fleet) => success(await fleet.signal(signals)));
  }

  /** What the other shard held of a key's buckets, and holds no longer; nothing when it cannot be asked. */
  surrenderKey(shard: number, keyId: string): Promise<readonly BucketState[] | undefined> {
    return this.#askShard(shard, (other) => other.surrenderKey(keyId));
  }

  /** Without an answer the claim must be taken for made: who asks has to wait. */
  async surrenderClaim(shard: number, name: ClaimName, revision: number): Promise<Outcome<ClaimRecord | null>> {
    const given = await this.#askShard(shard, (other) => other.surrenderClaim(name, revision));
    return given ?? failure({ code: "shard_unavailable", shard });
  }

  /** Whether the other shard has them now. */
  async giveClaims(shard: number, claims: readonly ClaimRecord[]): Promise<boolean> {
    const given = await this.#askShard(shard, async (other) => {
      await other.takeClaims(claims);
      return true;
    });
    return given ?? false;
  }

  async #askShard<T>(shard: number, question: (other: OtherShard) => Promise<T>): Promise<T | undefined> {
    try {
      const namespace = this.#env.SHARD;
      const answer = await within(waitMs, question(namespace.get(namespace.idFromName(shardName(shard)))));
      return answer === "late" ? undefined : answer;
    } catch (error) {
      console.warn(`shard ${shard} does not answer: ${String(error)}`);
      return undefined;
    }
  }

  /** A stub that threw is broken for good, so every question takes a new one. */
  async #askFleet<T>(question: (fleet: FleetForShards) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    try {
      const namespace = this.#env.FLEET;
      const answer = await within(waitMs, question(namespace.get(namespace.idFromName("fleet"))));
      return answer === "late" ? failure({ code: "fleet_unavailable" }) : answer;
    } catch (error) {
      console.warn(`fleet does not answer: ${String(error)}`);
      return failure({ code: "fleet_unavailable" });
    }
  }
}
