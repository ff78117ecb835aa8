/** What this shard's servers offer and how they are: the questions of listings, pages and operators. */
import type { CatalogEntry, ListedTool, ToolQuery } from "../../core/contract/catalog.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerHealth } from "../../core/contract/server.ts";
import type { ServerDetails } from "../../core/contract/shard-rpc.ts";
import type { EntrySort } from "./catalog.ts";
import { within } from "./patience.ts";
import type { Recovery } from "./recovery.ts";
import { detailsOf, healthOf, type ReportRooms } from "./report.ts";
import type { Routes } from "./routes.ts";
import type { Server } from "./servers.ts";
import { listTools } from "./tool-listing.ts";
import type { Visits } from "./visits.ts";

export interface OfferRooms extends ReportRooms {
  readonly recovery: Recovery;
  readonly routes: Routes;
  readonly visits: Visits;
}

export class Offers {
  readonly #rooms: OfferRooms;

  constructor(rooms: OfferRooms) {
    this.#rooms = rooms;
  }

  async tools(query: ToolQuery): Promise<Outcome<readonly ListedTool[]>> {
    await this.arrive();
    if (this.#rooms.ownership.map.revision === 0) return failure({ code: "fleet_unavailable" });
    if (query.server !== undefined) {
      const found = await this.own(query.server);
      if (!found.ok) return found;
    }
    return success(listTools(this.#rooms.store, query, (server) => this.standing(server)));
  }

  async serversWithTool(tool: string): Promise<readonly string[]> {
    await this.arrive();
    return this.#rooms.catalogs.serversWith(tool).filter((server) => this.standing(server) !== "hidden");
  }

  async toolDefinition(server: string, tool: string): Promise<Outcome<string>> {
    const found = await this.own(server);
    if (!found.ok) return found;
    const definition = this.#rooms.catalogs.definition(server, tool);
    return definition === undefined ? this.#rooms.routes.unknownTool(server, tool) : success(definition);
  }

  async entries(server: string, what: EntrySort): Promise<Outcome<readonly CatalogEntry[]>> {
    const found = await this.own(server);
    return found.ok ? success(this.#rooms.catalogs.entries(server, what)) : found;
  }

  async health(ids?: readonly string[]): Promise<readonly ServerHealth[]> {
    await this.arrive();
    const { servers, ownership } = this.#rooms;
    const asked = ids === undefined ? servers.all() : ids.flatMap((id) => servers.get(id) ?? []);
    return asked
      .filter(({ record }) => ownership.owns(record.id))
      .sort((a, b) => (a.record.id < b.record.id ? -1 : 1))
      .map((server) => healthOf(this.#rooms, server));
  }

  async details(id: string): Promise<Outcome<ServerDetails>> {
    const found = await this.own(id);
    return found.ok ? success(detailsOf(this.#rooms, found.value)) : found;
  }

  /** An operator wants to know now: everything is found out anew. How it went is the answer's state. */
  async check(id: string): Promise<Outcome<ServerHealth>> {
    const found = await this.own(id);
    if (!found.ok) return found;
    if (found.value.state !== "disabled") await this.#rooms.visits.visit(id, { anew: true, errand: "caller" });
    return this.#healthNow(found.value);
  }

  async whenSettled(id: string, timeoutMs: number): Promise<Outcome<ServerHealth>> {
    const found = await this.own(id);
    if (!found.ok) return found;
    if (found.value.state === "unknown") {
      await within(timeoutMs, this.#rooms.visits.visit(id, { anew: false, errand: "caller" }));
    }
    return this.#healthNow(found.value);
  }

  /** A shard without a map knows nothing of its servers yet, and would list none. */
  async arrive(): Promise<void> {
    const { ownership, recovery } = this.#rooms;
    if (ownership.map.revision === 0) await ownership.catchUp();
    await recovery.settled();
  }

  /** A server of this shard, whatever state it is in. */
  async own(id: string): Promise<Outcome<Server>> {
    const { ownership, recovery } = this.#rooms;
    const claimed = await ownership.claim(0, () => ownership.owns(id));
    return claimed.ok ? recovery.find(id) : claimed;
  }

  #healthNow(asked: Server): Outcome<ServerHealth> {
    return success(healthOf(this.#rooms, this.#rooms.servers.get(asked.record.id) ?? asked));
  }

  standing(id: string): "ready" | "stale" | "hidden" {
    const { servers, ownership } = this.#rooms;
    const state = servers.get(id)?.state ?? "disabled";
    if (state === "disabled" || !ownership.owns(id)) return "hidden";
    return state === "ready" ? "ready" : "stale";
  }
}
