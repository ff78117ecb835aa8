/** What this shard's servers offer besides tools, as the MCP doors ask for it: lists, who has what, who is who. */
import type { EntryQuery, ListedEntry, Stamps } from "../../core/contract/conversation.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { hashText } from "../../core/policies/stable-hash.ts";
import { matchesTemplate } from "../../core/policies/uri-template.ts";
import type { EntrySort } from "./catalog.ts";
import type { Introduction } from "./connections.ts";
import { listEntries } from "./entry-listing.ts";
import { attemptMs } from "./introductions.ts";
import type { OfferRooms, Offers } from "./offers.ts";
import { within } from "./patience.ts";
import { standingOf } from "./standing.ts";

/** Servers that list a URI, and others that have a template for it. */
export interface Resourceful {
  readonly listed: readonly string[];
  readonly matching: readonly string[];
}

export class Entries {
  readonly #rooms: OfferRooms;
  readonly #offers: Offers;

  constructor(rooms: OfferRooms, offers: Offers) {
    this.#rooms = rooms;
    this.#offers = offers;
  }

  async listed(query: EntryQuery): Promise<readonly ListedEntry[]> {
    await this.#offers.arrive();
    return listEntries(this.#rooms.store, query, (server) => this.#offers.standing(server));
  }

  /** Each server in one of the two at most. */
  async serversWithResource(uri: string): Promise<Resourceful> {
    await this.#offers.arrive();
    const listed = new Set(this.#serversWith("resources", uri));
    const templates = this.#rooms.store.rows<{ name: string; server: string }>(
      "SELECT name, server FROM entry WHERE what = 'templates' ORDER BY server, place",
    );
    const matching = new Set<string>();
    for (const { name, server } of templates) {
      if (listed.has(server) || matching.has(server) || !this.#isShown(server)) continue;
      if (matchesTemplate(name, uri)) matching.add(server);
    }
    return { listed: [...listed], matching: [...matching] };
  }

  async serversWithPrompt(name: string): Promise<readonly string[]> {
    await this.#offers.arrive();
    return this.#serversWith("prompts", name);
  }

  /** As it was said last, even by a server that is away now. One never met is met first. */
  async introduction(id: string): Promise<Outcome<Introduction>> {
    const found = await this.#offers.own(id);
    if (!found.ok) return found;
    const { connections, visits, servers } = this.#rooms;
    const known = connections.introduction(id);
    if (known) return success(known);
    if (found.value.state === "unknown") {
      await within(attemptMs, visits.visit(id, { anew: false, errand: "caller" }));
      const said = connections.introduction(id);
      if (said) return success(said);
    }
    const standing = standingOf(servers.get(id) ?? found.value);
    if (!standing.ok) return standing;
    const evidence = "it has not introduced itself since its address changed";
    const { since } = standing.value;
    return failure({ code: "server_down", server: id, execution: "not_executed", since, evidence });
  }

  /** Of the servers that are listed: one that is disabled takes what it offers out of the lists. */
  async stamps(server?: string): Promise<Stamps> {
    await this.#offers.arrive();
    return this.#rooms.catalogs.stamps.sum(this.#shown(server));
  }

  async toolStamp(server?: string): Promise<string> {
    await this.#offers.arrive();
    const shown = this.#shown(server);
    const stale = shown.filter((id) => this.#offers.standing(id) === "stale");
    return `${this.#rooms.catalogs.stamps.sum(shown).tools}.${hashText(stale.join(" "))}`;
  }

  #shown(server: string | undefined): string[] {
    const asked = server === undefined ? this.#rooms.servers.ids() : [server];
    return asked.filter((id) => this.#isShown(id));
  }

  #serversWith(what: EntrySort, name: string): string[] {
    return this.#rooms.store
      .rows<{ server: string }>("SELECT server FROM entry WHERE what = ? AND name = ? ORDER BY server", what, name)
      .map((row) => row.server)
      .filter((server) => this.#isShown(server));
  }

  #isShown(server: string): boolean {
    return this.#offers.standing(server) !== "hidden";
  }
}
