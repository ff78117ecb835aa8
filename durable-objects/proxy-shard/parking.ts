/**
 * Parked calls: dialled by the shard, because a legacy server may ask something back in the middle and a modern client
 * hears of it only in the answer to its request, and answers with another request. Memory only: after a restart a park
 * is lost, which the client is told; nothing is ever sent again but what proved not to have run.
 *
 * They take no dial slots, since they last for minutes. An object may have six connections waiting for response headers
 * (Workers platform limits). A server that may ask has to answer with an event stream, whose headers come at once as a
 * rule, and counts no more from then on; one that holds its headers back until it is done takes one of the six for as
 * long. Six such calls, and what the shard dials next waits unseen until the first of them is over or given up.
 */
import type { ParkAsk, ParkStep, TellParked } from "../../core/contract/conversation.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { reply } from "../../core/upstream/reply.ts";
import { carry, type CarryRooms } from "./carry.ts";
import type { OwnCall, OwnCalls } from "./own-calls.ts";
import { ParkedCall, type AnswerToServer } from "./parked-call.ts";
import { Recent } from "./recent.ts";

const mostParked = 512;
const mostPerKey = 64;
/** In characters, of an object's 128 MB. */
const mostHeld = 25_165_824;
const retryAfterMs = 1_000;
/** How long a client may take to answer. */
const lifeMs = 300_000;
const replyMs = 10_000;
const mostReplyBytes = 65_536;

export interface ParkingRooms extends CarryRooms {
  readonly ownCalls: OwnCalls;
}

export class Parking {
  readonly #rooms: ParkingRooms;
  /** Calls whose breaker has not been told yet how they went. */
  readonly #untold = new Map<ParkedCall, OwnCall>();
  readonly #lot = new Map<string, ParkedCall>();
  readonly #abandoned = new Recent<string>(1_000);
  readonly #deaths = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(rooms: ParkingRooms) {
    this.#rooms = rooms;
  }

  get count(): number {
    return this.#lot.size;
  }

  async park(ask: ParkAsk, tell?: TellParked): Promise<Outcome<ParkStep>> {
    const { routes, ownCalls, waitUntil } = this.#rooms;
    const usable = await routes.usable(ask.server, ask.revision);
    if (!usable.ok) return usable;
    const tool = ask.method === "tools/call" ? await routes.tool(usable.value, ask.name) : success(undefined);
    if (!tool.ok) return tool;
    const id = ask.parkId ?? crypto.randomUUID();
    // The word that the client has left may overtake the call itself.
    if (this.#abandoned.get(id) === ask.keyId) return failure({ code: "park_lost" });
    if (this.#lot.has(id)) return failure({ code: "conflict", detail: "a parked call has this name already" });
    if (this.#isFull(ask)) return failure({ code: "overloaded", retryAfterMs });
    // Last of all, since whoever gets the probe must use it.
    const begun = ownCalls.begin(ask.server, ask.name);
    if (!begun.ok) return begun;
    const call = new ParkedCall(id, ask);
    this.#lot.set(id, call);
    this.#untold.set(call, begun.value);
    const carried = carry(this.#rooms, call, usable.value.record, tool.value).then((outcome) => {
      this.#tellBreaker(call, outcome, call.signal.aborted);
      call.end(outcome);
    });
    waitUntil(carried);
    return this.#step(call, tell);
  }

  /** A park that is another key's does not exist for this one. */
  async resume(keyId: string, parkId: string, answersText: string, tell?: TellParked): Promise<Outcome<ParkStep>> {
    const call = this.#find(keyId, parkId);
    if (call === undefined) return failure({ code: "park_lost" });
    this.#keepAlive(call);
    // The session's own stream may have ended while the client thought, and the next question may come there.
    if (call.connection && !call.hasEnded) await this.#rooms.listening.join(call, call.connection);
    const answers = call.take(answersText);
    const posted = await Promise.all(answers.map((answer) => this.#post(call, answer)));
    const lost = posted.find((one) => !one.ok);
    if (lost === undefined || call.hasEnded) return this.#step(call, tell);
    this.#letLive(call);
    return lost;
  }

  abandon(keyId: string, parkId: string): void {
    const call = this.#find(keyId, parkId);
    if (call) this.#giveUp(call);
    else this.#abandoned.set(parkId, keyId);
  }

  /** The server is gone for good: its calls end, and nobody stays connected to it. */
  cut(server: string): void {
    for (const call of this.#lot.values()) if (call.ask.server === server) call.abandon();
    this.#rooms.listening.cut(server);
  }

  async #step(call: ParkedCall, tell: TellParked | undefined): Promise<Outcome<ParkStep>> {
    const stepped = await call.step(call.ask.timeoutMs, tell);
    if (stepped?.ok && stepped.value.is === "asks") this.#letLive(call);
    else if (stepped) this.#forget(call);
    if (stepped) return stepped;
    const late = call.late();
    this.#tellBreaker(call, late, false);
    this.#giveUp(call);
    return late;
  }

  #tellBreaker(call: ParkedCall, outcome: Outcome<unknown>, saysNothing: boolean): void {
    const begun = this.#untold.get(call);
    if (begun === undefined) return;
    this.#untold.delete(call);
    this.#rooms.ownCalls.end(begun, call.connection?.replica, outcome, saysNothing);
  }

  /** The answer to a question goes to the server; one that did not get there may be given again. */
  async #post(call: ParkedCall, answer: AnswerToServer): Promise<Outcome<void>> {
    const { connection } = call;
    const { server } = call.ask;
    if (connection === undefined) return failure({ code: "internal" });
    const { question, messageText } = answer;
    const bounds = { deadlineAt: Date.now() + replyMs, maxAnswerBytes: mostReplyBytes };
    const posted = await reply(connection, server, messageText, bounds, this.#rooms.networks, question.replyUrl);
    if (!posted.ok) call.reopen(answer);
    return posted;
  }

  #isFull({ keyId, paramsText }: ParkAsk): boolean {
    const parked = [...this.#lot.values()];
    const held = parked.reduce((sum, { weight }) => sum + weight, paramsText.length);
    const ofKey = parked.filter(({ ask }) => ask.keyId === keyId).length;
    return parked.length >= mostParked || ofKey >= mostPerKey || held > mostHeld;
  }

  #find(keyId: string, parkId: string): ParkedCall | undefined {
    const call = this.#lot.get(parkId);
    return call?.ask.keyId === keyId ? call : undefined;
  }

  #letLive(call: ParkedCall): void {
    this.#keepAlive(call);
    if (!this.#lot.has(call.id)) return;
    this.#deaths.set(
      call.id,
      setTimeout(() => this.#giveUp(call), lifeMs),
    );
  }

  #keepAlive({ id }: ParkedCall): void {
    clearTimeout(this.#deaths.get(id));
    this.#deaths.delete(id);
  }

  #giveUp(call: ParkedCall): void {
    this.#forget(call);
    call.abandon();
  }

  #forget(call: ParkedCall): void {
    this.#keepAlive(call);
    this.#lot.delete(call.id);
  }
}
