/** The route lease: where a tool lives and how to speak to its server. Waits only for a server never spoken to before. */
import type { Networks } from "../../core/contract/bindings.ts";
import type { Connection, ToolFacts } from "../../core/contract/call.ts";
import type { Conversation } from "../../core/contract/conversation.ts";
import type { Failure } from "../../core/contract/failure.ts";
import type { Route, RouteAsk } from "../../core/contract/leases.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import { nearest } from "../../core/policies/names.ts";
import type { Catalogs } from "./catalog.ts";
import { toConnection, type KeptConnection } from "./connections.ts";
import { holdsState, type Conversations } from "./conversations.ts";
import type { Tunnel } from "./connectors/tunnel.ts";
import type { Credentials } from "./credentials.ts";
import { grant, type GrantRooms } from "./grant.ts";
import type { Health } from "./health.ts";
import { attemptMs, sealedShut, type Introductions } from "./introductions.ts";
import type { Ownership } from "./ownership.ts";
import { within } from "./patience.ts";
import type { Recovery } from "./recovery.ts";
import { Recent } from "./recent.ts";
import type { Server } from "./servers.ts";
import { standingOf } from "./standing.ts";
import type { Visits } from "./visits.ts";

/** Calls of clients that keep no session with us and cannot be asked anything: a server may do such a call another way. */
const plain: Conversation = { id: "plain", capabilitiesText: "{}" };
/** A server that would open no second session is not asked to for so long. */
const refusalLifeMs = 60_000;

/** How old a catalog must be before a tool it does not have is worth a look. */
const freshMs = 2_000;

export interface RouteRooms extends GrantRooms {
  readonly ownership: Ownership;
  readonly recovery: Recovery;
  readonly conversations: Conversations;
  readonly credentials: Credentials;
  readonly catalogs: Catalogs;
  readonly introductions: Introductions;
  readonly visits: Visits;
  readonly health: Health;
  readonly networks: Networks;
  readonly tunnel: Tunnel;
}

export class Routes {
  readonly #rooms: RouteRooms;
  /** By server: until when its shared connection serves plain calls, too. */
  readonly #single = new Recent<number>(1_000);

  constructor(rooms: RouteRooms) {
    this.#rooms = rooms;
  }

  async route(ask: RouteAsk): Promise<Outcome<Route>> {
    const usable = await this.usable(ask.server, ask.revision);
    if (!usable.ok) return usable;
    const refused = ask.isNoCall ? undefined : this.refusal(ask.server);
    if (refused) return failure(refused);
    const tool = ask.tool === undefined ? success(undefined) : await this.tool(usable.value, ask.tool);
    if (!tool.ok) return tool;
    const connection = await this.connect(ask.server, ask.conversation);
    if (!connection.ok) return connection;
    return grant(this.#rooms, ask, connection.value, tool.value);
  }

  /** Why no call can go to the server now, before anything is done for one: every replica's breaker is open. */
  refusal(id: string): Failure | undefined {
    const { breakers, connections } = this.#rooms;
    return breakers.refusal(id, connections.live(id), Date.now());
  }

  /** A newer connection than the one that was found lost. Ten who lost the same one get the same new one. */
  async reconnect(
    id: string,
    replica: string,
    generation: number,
    conversation?: Conversation,
  ): Promise<Outcome<Connection>> {
    const usable = await this.usable(id, 0);
    if (!usable.ok) return usable;
    const shared = this.#rooms.connections.get(id);
    const isShared = conversation === undefined && shared?.generation === generation;
    const isOwn = conversation !== undefined || usable.value.record.kind !== "connector";
    if (holdsState(shared) && isOwn && !isShared) return this.connect(id, conversation, generation);
    const known = this.#notOlderThan(usable.value.record, replica, generation);
    const renewed = known ? success(known) : await this.#renew(usable.value.record, replica);
    return renewed.ok ? this.connect(id, conversation) : renewed;
  }

  /** One that somebody else has made since; or another replica's, when the one that was asked is gone. */
  #notOlderThan({ id, kind }: ServerRecord, replica: string, generation: number): KeptConnection | undefined {
    const { connections, tunnel } = this.#rooms;
    if (kind === "connector" && !tunnel.isLive(id, replica)) return connections.live(id)[0];
    const kept = connections.get(id, replica);
    return kept && kept.generation > generation ? kept : undefined;
  }

  /**
   * The connection that calls go over: the conversation's own where the server keeps state, else the shared one. Made
   * when the first call comes, so that a server that is only listed sees one session.
   */
  async connect(id: string, conversation = plain, lost?: number): Promise<Outcome<Connection>> {
    const { servers, connections, conversations, introductions, visits } = this.#rooms;
    const server = servers.get(id);
    if (server === undefined) return failure({ code: "unknown_server", server: id, nearest: [] });
    if (!holdsState(connections.get(id))) return this.#shared(server);
    // All of a connector's servers with no capabilities to reckon with share one process, whoever asks.
    if (conversation === plain && server.record.kind === "connector") return this.#shared(server);
    if (conversation === plain && (this.#single.get(id) ?? 0) > Date.now()) return this.#shared(server);
    const own = await conversations.connect(server.record, conversation, lost);
    if (own === undefined) {
      const renewed = await this.#renew(server.record);
      return renewed.ok ? this.#shared(server) : renewed;
    }
    if (own.ok) return own;
    if (conversation === plain && opensNoMore(own.failure)) {
      this.#single.set(id, Date.now() + refusalLifeMs);
      return this.#shared(server);
    }
    if (!introductions.isOutdated(server.record)) visits.checkSoon(id);
    return beforeAnyCall(own.failure);
  }

  /** A server that can be spoken to now; a first attempt under way is waited for. */
  async usable(id: string, revision: number): Promise<Outcome<Server>> {
    const { ownership, recovery, servers, visits } = this.#rooms;
    const claimed = await ownership.claim(revision, () => ownership.owns(id));
    if (!claimed.ok) return claimed;
    const found = await recovery.find(id);
    if (!found.ok) return found;
    let server = found.value;
    if (server.state === "unknown" || (server.state === "down" && this.#isBack(server.record))) {
      const waitMs = Math.min(server.record.timeoutMs, attemptMs);
      await within(waitMs, visits.visit(id, { anew: false, errand: "caller" }));
      const met = servers.get(id);
      if (met === undefined) return failure({ code: "unknown_server", server: id, nearest: [] });
      server = met;
    }
    return standingOf(server);
  }

  /** A connector has come with it, and it is being met. */
  #isBack({ id, kind }: ServerRecord): boolean {
    return kind === "connector" && this.#rooms.tunnel.isOffered(id);
  }

  async tool(server: Server, name: string): Promise<Outcome<ToolFacts>> {
    const { catalogs, visits, servers } = this.#rooms;
    const { id, timeoutMs } = server.record;
    const known = catalogs.facts(id, name);
    if (known) return success(known);
    const seenAt = catalogs.summary(id)?.seenAt ?? 0;
    if (servers.get(id)?.state === "ready" && Date.now() - seenAt > freshMs) {
      await within(Math.min(timeoutMs, attemptMs), visits.visit(id, { anew: false, errand: "caller" }));
      const listed = catalogs.facts(id, name);
      if (listed) return success(listed);
    }
    return this.unknownTool(id, name);
  }

  unknownTool(server: string, tool: string): Outcome<never> {
    const asked = `${server}__${tool}`;
    return failure({
      code: "unknown_tool",
      tool: asked,
      nearest: nearest(asked, this.#rooms.catalogs.qualifiedNames(server)),
    });
  }

  /** Makes the shared connection anew. A server that comes back as another one is looked at. */
  async #renew(record: ServerRecord, lost?: string): Promise<Outcome<KeptConnection>> {
    const { connections, introductions, health, visits, tunnel } = this.#rooms;
    const { id, kind } = record;
    const before = connections.get(id);
    const replica = kind === "connector" && lost !== undefined && tunnel.isLive(id, lost) ? lost : undefined;
    const made = await introductions.introduce(record, "caller", replica);
    if (!made.ok) {
      if (!introductions.isOutdated(record)) health.down(id, made.failure, Date.now());
      return beforeAnyCall(made.failure);
    }
    const { era, serverName, serverVersion } = made.value;
    const isAnother = era !== before?.era || serverName !== before.serverName || serverVersion !== before.serverVersion;
    if (isAnother) visits.inBackground(id);
    return made;
  }

  async #shared({ record, since }: Server): Promise<Outcome<Connection>> {
    const { connections, credentials } = this.#rooms;
    const { id } = record;
    const headers = await credentials.open(record);
    if (headers === undefined) return sealedShut(id);
    // Read after the wait: a connection may have been renewed meanwhile.
    const live = connections.live(id);
    const kept = live[Math.floor(Math.random() * live.length)] ?? connections.get(id);
    if (kept) return success(toConnection(kept, headers));
    const evidence = "its connection is being made anew";
    return failure({ code: "server_down", server: id, execution: "not_executed", since, evidence });
  }
}

/** The server is well, but has no session for us besides the one that it has given: many simple ones keep one only. */
function opensNoMore(reason: Failure): boolean {
  if (reason.code === "server_error" || reason.code === "server_busy") return true;
  return reason.code === "server_status" && reason.status < 500;
}

/** What fails before a call is sent fails without having run it. */
function beforeAnyCall(reason: Failure): Outcome<never> {
  return failure("execution" in reason ? { ...reason, execution: "not_executed" } : reason);
}
