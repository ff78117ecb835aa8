/** The connector's whole tie to a gateway: its registration, and a line to every shard. */
import type { OfferedServer } from "../../core/contract/connector-frames.ts";
import { backoffMs } from "../../core/policies/backoff.ts";
import type { LocalServer, Reply, Request } from "../local-server.ts";
import type { Gateway } from "./ask.ts";
import { register, type Registered } from "./register.ts";
import { ShardLine, type LineWatcher, type Refusal } from "./shard-line.ts";
import type { Welcome } from "./socket.ts";

const version = "0.1.0";
const reregister = { baseMs: 500, capMs: 5_000 };

export interface TunnelEvents {
  /** Every shard has been reached, for the first time or again. */
  connected(shards: readonly number[]): void;
  /** A line for people about the tie itself. */
  noted(note: string): void;
  refused(server: string, why: string): void;
}

export class Tunnel {
  readonly #gateway: Gateway;
  readonly #name: string;
  readonly #servers: ReadonlyMap<string, LocalServer>;
  readonly #events: TunnelEvents;
  readonly #lines = new Map<number, ShardLine>();
  readonly #lost = new Map<number, string>();
  readonly #refused = new Set<string>();
  #revision = -1;
  #isWhole = false;
  #closed = false;
  #again: NodeJS.Timeout | undefined;
  #attempt = 0;

  constructor(gateway: Gateway, name: string, servers: ReadonlyMap<string, LocalServer>, events: TunnelEvents) {
    this.#gateway = gateway;
    this.#name = name;
    this.#servers = servers;
    this.#events = events;
  }

  /** Undefined when the gateway took us; else why it did not. */
  async open(): Promise<string | undefined> {
    const answer = await register(this.#gateway, this.#name, this.#servers.values());
    if (answer.is === "refused") return answer.words;
    this.#take(answer.registered);
    return undefined;
  }

  tell(server: OfferedServer): void {
    for (const line of this.#lines.values()) line.send({ t: "state", server });
  }

  async close(reason: string): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    await Promise.all([...this.#lines.values()].map((line) => line.close(reason)));
  }

  #take({ shards, revision, servers }: Registered): void {
    for (const { id, status, problem } of servers) {
      if (status === "refused") this.#refuse(id, problem?.detail ?? problem?.code ?? "no reason given");
    }
    this.#followShards(shards, revision, true);
  }

  #refuse(server: string, why: string): void {
    if (this.#refused.has(server)) return;
    this.#refused.add(server);
    this.#events.refused(server, why);
  }

  /** An older list than the one we have is a shard that has not heard yet. */
  #followShards(shards: readonly number[], revision: number, isFresh = false): void {
    if (this.#closed || (revision <= this.#revision && !isFresh)) return;
    this.#revision = revision;
    for (const [shard, line] of this.#lines) {
      if (shards.includes(shard)) continue;
      this.#isWhole = false;
      this.#lines.delete(shard);
      this.#lost.delete(shard);
      void line.close("the gateway has no such shard any more");
    }
    for (const shard of shards) {
      if (this.#lines.has(shard)) continue;
      this.#isWhole = false;
      this.#lines.set(shard, new ShardLine(shard, this.#gateway, this.#watcher()));
    }
    this.#lookWhole();
  }

  #watcher(): LineWatcher {
    return {
      hello: () => ({
        t: "hello",
        name: this.#name,
        version,
        servers: [...this.#servers.values()].map(({ offer }) => offer),
      }),
      welcomed: (welcome) => this.#welcomed(welcome),
      unwanted: (server, why) => this.#refuse(server, why),
      serve: (server, request, reply) => this.#serve(server, request, reply),
      connected: () => undefined,
      disconnected: (shard, reason) => {
        this.#isWhole = false;
        this.#missing(shard, reason);
      },
      refused: (shard, refusal) => this.#refusedDial(shard, refusal),
    };
  }

  #serve(server: string, request: Request, reply: Reply): void {
    const found = this.#servers.get(server);
    if (found) found.serve(request, reply);
    else reply.fail(false, `this connector has no server '${server}'`);
  }

  #welcomed({ shard, shards, revision }: Welcome): void {
    this.#lost.delete(shard);
    this.#attempt = 0;
    this.#followShards(shards, revision);
    this.#lookWhole();
  }

  #lookWhole(): void {
    if (this.#isWhole || ![...this.#lines.values()].every((line) => line.isWelcome)) return;
    this.#isWhole = true;
    this.#events.connected([...this.#lines.keys()]);
  }

  #refusedDial(shard: number, { status, words }: Refusal): void {
    this.#missing(shard, words);
    // The shards may be others by now; and a gateway that lost its memory has to be told of the servers again.
    if (status === 404 || status === 409) this.#registerAgain();
  }

  /** Said once per reason, not at every try. */
  #missing(shard: number, reason: string): void {
    if (this.#lost.get(shard) === reason) return;
    this.#lost.set(shard, reason);
    this.#events.noted(`no connection to shard ${shard}: ${reason}; trying again`);
  }

  #registerAgain(): void {
    if (this.#again !== undefined || this.#closed) return;
    const waitMs = backoffMs(this.#attempt++, Math.random(), reregister);
    this.#again = setTimeout(() => {
      void register(this.#gateway, this.#name, this.#servers.values()).then((answer) => {
        this.#again = undefined;
        if (answer.is === "registered") this.#take(answer.registered);
        else this.#events.noted(`the gateway did not take the servers: ${answer.words}`);
      });
    }, waitMs);
  }
}
