/**
 * Carries messages to targets. Each target has a line of its own and is sent one message at a time, so that a slow one
 * keeps nobody else waiting. What may vanish: who is being served now; the rows say what is still to do, and when.
 */
import type { Networks, Secrets } from "../../core/contract/bindings.ts";
import {
  targetContext,
  type AlertTarget,
  type Delivery,
  type TargetSecrets,
  type TestResult,
} from "../../core/contract/alert-target.ts";
import { backoffMs } from "../../core/policies/backoff.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import { unseal } from "../../core/secrets/seal.ts";
import { postWebhook, type Posted } from "../../core/upstream/webhook.ts";
import type { Alerting } from "./alerting.ts";
import { chunksOf } from "./chunks.ts";
import { wordings } from "./messages/index.ts";
import type { Notice } from "./messages/message.ts";

const timeoutMs = 10_000;
const testTimeoutMs = 5_000;
/** An object may have few connections waiting for an answer at once. */
const lanes = 4;
const backoff = { baseMs: 2_000, capMs: 3_600_000 };
/** Over some two hours. */
export const mostAttempts = 15;
const longestWaitMs = 86_400_000;

export type CourierEnv = Pick<Secrets, "PATCHBAY_SECRET"> & Networks;

export interface CourierRooms {
  readonly alerting: Alerting;
  readonly env: CourierEnv;
  /** Sets the alarm to what is due next. */
  readonly schedule: () => Promise<void>;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export class Courier {
  readonly #rooms: CourierRooms;
  readonly #serving = new Set<string>();

  constructor(rooms: CourierRooms) {
    this.#rooms = rooms;
  }

  /** Begins with whoever is due; who waits for a lane gets one when another is done. */
  dispatch(): void {
    for (const target of this.#rooms.alerting.deliveries.targetsDue(Date.now())) {
      if (this.#serving.size >= lanes) return;
      if (this.#serving.has(target)) continue;
      this.#serving.add(target);
      this.#rooms.waitUntil(this.#serve(target));
    }
  }

  /** A test is sent at once and once, and what came of it is the answer. */
  async test(): Promise<readonly TestResult[]> {
    const targets = this.#rooms.alerting.settings.targets().filter(({ disabled }) => !disabled);
    const results: TestResult[] = [];
    for (const some of chunksOf(targets, lanes)) {
      results.push(...(await Promise.all(some.map((target) => this.#test(target)))));
    }
    return results;
  }

  async #test(target: AlertTarget): Promise<TestResult> {
    const id = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
    const notice: Notice = { id, change: "test", createdAt: Date.now(), alerts: [] };
    const { is, answer } = await this.#send(target, notice, testTimeoutMs);
    return { target: target.id, ok: is === "taken", answer };
  }

  async #serve(target: string): Promise<void> {
    const { deliveries } = this.#rooms.alerting;
    try {
      let next = deliveries.nextFor(target, Date.now());
      while (next && (await this.#deliver(next))) next = deliveries.nextFor(target, Date.now());
    } finally {
      this.#serving.delete(target);
    }
    this.dispatch();
    await this.#rooms.schedule();
  }

  /** False when the rest of the line must wait. */
  async #deliver(delivery: Delivery): Promise<boolean> {
    const { alerting, schedule } = this.#rooms;
    const { deliveries, log, settings } = alerting;
    const { seq, id, change, createdAt } = delivery;
    const target = settings.target(delivery.target);
    const alerts = log.withIds(delivery.alerts);
    if (target === undefined || target.disabled || alerts.length === 0) {
      deliveries.settle(seq, "dead", "There is nobody to tell, or nothing.");
      return true;
    }
    const waitMs = waitBefore(delivery.attempts);
    deliveries.attempt(seq, Date.now() + lostAfterMs(delivery) + waitMs);
    await schedule();
    const posted = await this.#send(target, { id, change, createdAt, alerts }, timeoutMs);
    return this.#settle(delivery, posted, waitMs);
  }

  #settle(delivery: Delivery, { is, answer, retryAfterMs = 0, isGone }: Posted, waitMs: number): boolean {
    const { deliveries } = this.#rooms.alerting;
    const now = Date.now();
    const isLast =
      delivery.attempts + 1 >= mostAttempts || now - delivery.createdAt >= longestWaitMs || isGone === true;
    if (is === "taken") deliveries.settle(delivery.seq, "delivered", answer);
    else if (isLast) deliveries.settle(delivery.seq, "dead", answer);
    else if (is === "refused") deliveries.setAside(delivery.seq, now + waitMs, answer);
    if (is !== "trouble") {
      deliveries.hasten(delivery.target, now);
      return true;
    }
    console.warn(
      `alert target ${delivery.target} cannot be told, ${isLast ? "given up" : "will try again"}: ${answer}`,
    );
    deliveries.postpone(delivery, now + Math.max(waitMs, retryAfterMs), answer);
    return false;
  }

  async #send(target: AlertTarget, notice: Notice, withinMs: number): Promise<Posted> {
    const secrets = await this.#unsealed(target);
    if (secrets === undefined) {
      return { is: "refused", answer: "Its address was sealed with a PATCHBAY_SECRET that is not there any more." };
    }
    let posted: Posted = { is: "refused", answer: "There is nothing to say." };
    for (const message of wordings[target.kind](notice, secrets, Date.now())) {
      const headers = { "user-agent": "patchbay", ...message.headers };
      const { allowPrivate } = target;
      const posting = { url: secrets.url, allowPrivate, headers, body: message.body, timeoutMs: withinMs };
      posted = await postWebhook(posting, this.#rooms.env);
      if (posted.is !== "taken") return posted;
    }
    return posted;
  }

  async #unsealed({ id, sealed }: AlertTarget): Promise<TargetSecrets | undefined> {
    const keyring = await openKeyring(this.#rooms.env.PATCHBAY_SECRET);
    const text = await unseal(keyring, sealed, targetContext(id));
    if (text === undefined) return undefined;
    const secrets: TargetSecrets = JSON.parse(text);
    return secrets;
  }
}

/** Longer than sending can take: only a message whose sender has died is taken up again by the alarm. */
function lostAfterMs({ alerts }: Delivery): number {
  return timeoutMs * Math.max(2, alerts.length + 1);
}

/** Full jitter may say "at once", which to a target that has just failed is too soon. */
function waitBefore(attempt: number): number {
  return Math.min(backoff.baseMs / 2 + backoffMs(attempt, Math.random(), backoff), backoff.capMs);
}
