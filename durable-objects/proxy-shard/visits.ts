/**
 * Looks after servers: connects, reads what they offer, and says how they are. Every look goes through here, whoever
 * wanted it: a caller who waits, the alarm, a failed call, an operator. Who wants the same look shares it.
 */
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import type { ServerRecord } from "../../core/contract/server.ts";
import type { Catalog } from "../../core/contract/catalog.ts";
import { listCatalog } from "../../core/upstream/list-catalog.ts";
import type { Catalogs } from "./catalog.ts";
import { toConnection, type KeptConnection } from "./connections.ts";
import type { Errand } from "./dial-slots.ts";
import { Flights } from "./flights.ts";
import type { Health } from "./health.ts";
import { absent, boundsOf, outdated, sealedShut, type Introductions, type IntroductionRooms } from "./introductions.ts";
import type { Schedule } from "./schedule.ts";

/** If an object dies during a visit, the alarm that was set for this long after it begins makes up for it. */
const lostAfterMs = 60_000;
const checkEveryMs = 1_000;
/** A server that its connector starts when it is called is not started for mere upkeep. */
const restMs = 300_000;
const debounceMs = 500;

export interface VisitRooms extends IntroductionRooms {
  readonly introductions: Introductions;
  readonly catalogs: Catalogs;
  readonly health: Health;
  readonly schedule: Schedule;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export interface VisitWish {
  /** Makes a new connection even when there is one. */
  readonly anew: boolean;
  readonly errand: Errand;
}

export class Visits {
  readonly #rooms: VisitRooms;
  readonly #flights = new Flights<Outcome<void>>();
  readonly #begunAt = new Map<string, number>();
  /** Servers whose lists changed while they were being read. */
  readonly #readAgain = new Set<string>();

  constructor(rooms: VisitRooms) {
    this.#rooms = rooms;
  }

  /** Joins the visit under way, if there is one; a caller who waits hurries it along. */
  visit(id: string, wish: VisitWish): Promise<Outcome<void>> {
    if (wish.errand === "caller") this.#rooms.slots.hurry(id);
    return this.#flights.join(wish.anew ? anewName(id) : id, () => this.#visit(id, wish));
  }

  /** What the alarm found due. */
  inBackground(id: string): void {
    const state = this.#rooms.servers.get(id)?.state;
    if (state === "ready" && this.#rooms.tunnel.isAsleep(id)) return this.#rooms.schedule.at(id, Date.now() + restMs);
    const wish: VisitWish = { anew: state === "down", errand: state === "down" ? "retry" : "upkeep" };
    this.#rooms.waitUntil(this.visit(id, wish));
  }

  /** Looks at a server because a call has failed: at once, but not more than once a second. */
  checkSoon(id: string): void {
    const earliest = (this.#begunAt.get(id) ?? 0) + checkEveryMs;
    if (earliest <= Date.now()) this.inBackground(id);
    else this.#rooms.schedule.by(id, earliest);
  }

  /** A server says that its lists have changed. It may say so many times in a row. */
  listChanged(id: string): void {
    if (this.#flights.has(id) || this.#flights.has(anewName(id))) this.#readAgain.add(id);
    else this.#rooms.schedule.by(id, Date.now() + debounceMs);
  }

  forget(id: string): void {
    this.#begunAt.delete(id);
    this.#readAgain.delete(id);
  }

  async #visit(id: string, { anew, errand }: VisitWish): Promise<Outcome<void>> {
    const { servers, schedule, introductions, slots } = this.#rooms;
    const record = servers.get(id)?.record;
    if (record === undefined || record.disabled) return outdated(id);
    this.#begunAt.set(id, Date.now());
    schedule.at(id, Date.now() + lostAfterMs);
    const looked = await this.#look(record, anew, errand);
    slots.calm(id);
    if (introductions.isOutdated(record)) {
      const now = servers.get(id);
      if (now && !now.record.disabled) schedule.at(id, Date.now());
      return outdated(id);
    }
    if (this.#readAgain.delete(id)) schedule.by(id, Date.now() + debounceMs);
    return looked;
  }

  async #look(record: ServerRecord, anew: boolean, errand: Errand): Promise<Outcome<void>> {
    const { connections, introductions, health, tunnel } = this.#rooms;
    if (record.kind === "connector" && !(await tunnel.replicaFor(record.id))) {
      health.absent(record.id, tunnel.whyNot(record.id), Date.now());
      return absent(record.id);
    }
    const kept = anew ? undefined : connections.get(record.id);
    // Servers differ in how they say that a session is over, so any failure on an old connection calls for a new one.
    if (kept && (await this.#read(record, kept, errand)).ok) return success(undefined);
    const newer = kept && connections.get(record.id);
    const made =
      newer && newer.generation > kept.generation ? success(newer) : await introductions.introduce(record, errand);
    if (introductions.isOutdated(record)) return outdated(record.id);
    if (!made.ok) {
      health.down(record.id, made.failure, Date.now());
      return made;
    }
    const read = await this.#read(record, made.value, errand);
    if (!read.ok && !introductions.isOutdated(record)) health.unlisted(record.id, read.failure, Date.now());
    return read;
  }

  /** Reads what the server offers; done, it is ready. */
  async #read(record: ServerRecord, kept: KeptConnection, errand: Errand): Promise<Outcome<void>> {
    const { catalogs, slots, health, introductions } = this.#rooms;
    const listed = await slots.use(record.id, errand, () => this.#list(record, kept));
    if (introductions.isOutdated(record)) return outdated(record.id);
    if (!listed.ok) return failure(listed.failure);
    catalogs.replace(record.id, listed.value, Date.now());
    health.ready(record.id, Date.now());
    return success(undefined);
  }

  async #list(record: ServerRecord, kept: KeptConnection): Promise<Outcome<Catalog>> {
    const headers = await this.#rooms.credentials.open(record);
    if (headers === undefined) return sealedShut(record.id);
    const { generation: _ours, ...link } = toConnection(kept, headers);
    return listCatalog(link, record.id, kept.capabilities, boundsOf(record), this.#rooms.networks);
  }
}

function anewName(id: string): string {
  return `${id} anew`;
}
