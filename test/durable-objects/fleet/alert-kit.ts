/** Alerts as the tests meet them: the real Fleet, a clock that is set forward, and targets that answer as they are told. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { vi } from "vitest";
import type { Signal } from "../../../core/contract/alert.ts";
import { targetContext, type AlertTarget, type TargetSecrets } from "../../../core/contract/alert-target.ts";
import { openKeyring } from "../../../core/secrets/keyring.ts";
import { seal } from "../../../core/secrets/seal.ts";
import type { Fleet } from "../../../durable-objects/fleet/fleet.ts";
import { actor, fleetStub, server } from "./world.ts";

export const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export interface Arrival {
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly type?: string;
    readonly data?: { readonly alerts: readonly { subject: string }[] };
  } & Record<string, unknown>;
}

export interface Receiver {
  readonly arrivals: Arrival[];
  /** The answer to the next message; 204 when left out. "hang" and "break" never answer. */
  answer: (arrival: Arrival) => Response | "hang" | "break";
}

/** From here on `fetch` reaches this receiver, whatever the address. */
export function receive(): Receiver {
  const receiver: Receiver = { arrivals: [], answer: () => new Response(null, { status: 204 }) };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const text = await request.clone().text();
    const arrival = { url: request.url, headers: request.headers, text, body: JSON.parse(text) };
    receiver.arrivals.push(arrival);
    const answer = receiver.answer(arrival);
    if (answer === "break") throw new TypeError("Network connection lost");
    if (answer === "hang") return new Promise(() => {});
    return answer;
  });
  return receiver;
}

/** As a receiver checks it: throws when the signature is not right. */
export function verified({ headers, text }: Arrival, by = secret): unknown {
  return new Webhook(by).verify(text, Object.fromEntries(headers));
}

export function aboutOf({ body }: Arrival): string {
  return `${body.type} ${body.data?.alerts.map(({ subject }) => subject).join(" ")}`;
}

export async function target(
  id: string,
  more: Partial<AlertTarget> = {},
  secrets: Partial<TargetSecrets> = {},
): Promise<AlertTarget> {
  const url = `https://${id}.example/hook`;
  const text = JSON.stringify({ url, signing: [{ secret }], ...secrets });
  const sealed = await seal(await openKeyring(env.PATCHBAY_SECRET), text, targetContext(id));
  const origin = new URL(url).origin;
  return {
    id,
    kind: "webhook",
    origin,
    sealed,
    allowPrivate: false,
    disabled: false,
    createdAt: 1,
    updatedAt: 1,
    ...more,
  };
}

export async function withTargets(...targets: readonly AlertTarget[]): Promise<void> {
  for (const one of targets) await fleetStub().createAlertTarget(one, actor);
}

export function down(subject: string, more: Partial<Signal> = {}): Signal {
  return { rule: "server_down", subject, is: "wrong", at: Date.now(), reason: "It does not answer.", ...more };
}

export function up(subject: string, more: Partial<Signal> = {}): Signal {
  return down(subject, { is: "right", reason: "", ...more });
}

/** Servers that Fleet knows and nobody dials. */
export async function registered(...ids: readonly string[]): Promise<void> {
  await fleetStub().registerServers(
    ids.map((id) => server(id)),
    actor,
  );
}

/** Time passes, and the alarm rings as often as it is set. */
export async function pass(ms: number, stepMs = 1_000): Promise<void> {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const end = Date.now() + ms;
  while (Date.now() < end) {
    vi.setSystemTime(Math.min(Date.now() + stepMs, end));
    await ring();
  }
}

export async function ring(): Promise<void> {
  await runInDurableObject(fleetStub(), async (fleet: Fleet, state) => {
    const due = await state.storage.getAlarm();
    if (due !== null && due <= Date.now()) await fleet.alarm();
  });
  // What the alarm began goes on by itself.
  for (let turn = 0; turn < 5; turn += 1) await scheduler.wait(1);
}

export async function deliveries(): Promise<string[]> {
  const rows = await fleetStub().deliveries(0, 100);
  return rows.map(({ target: to, change, state, attempts }) => `${to} ${change} ${state} ${attempts}`).toReversed();
}

/** What is wrong now, as `server_down memory`. */
export async function openAlerts(): Promise<string[]> {
  const alerts = await fleetStub().alerts("open", 0, 100);
  return alerts.map(({ rule, subject }) => `${rule} ${subject}`).sort();
}
