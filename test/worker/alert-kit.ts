/** Alert targets made through the door and taken away again, and the addresses that they are at. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { AlertRpc } from "../../core/contract/alert-rpc.ts";
import { ask, connectTo, type Answer, type Body } from "./door.ts";

export interface Heard {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export const hook = "https://ops.example/hook?token=hush-hush";
export const heard: Heard[] = [];
const made = new Set<string>();

/** From here on, what is told at these addresses is heard and answered. */
export function listen(answer: () => Response = () => new Response(null, { status: 204 })): void {
  heard.length = 0;
  const hosts = ["ops.example", "chat.example", "events.pagerduty.com"];
  connectTo(
    ...hosts.map((host) => ({
      host,
      tools: [],
      answer: async (request: Request) => {
        heard.push({ url: request.url, headers: Object.fromEntries(request.headers), text: await request.text() });
        return answer();
      },
    })),
  );
}

export async function make(id: string, fields: object): Promise<Body> {
  const answer = await ask("/alerts/targets", { json: { id, ...fields } });
  expect(answer.status, answer.text).toBe(201);
  made.add(id);
  return answer.body;
}

export function change(id: string, json: object): Promise<Answer> {
  return ask(`/alerts/targets/${id}`, { method: "PATCH", json });
}

export async function unmake(): Promise<void> {
  for (const id of made) await ask(`/alerts/targets/${id}`, { method: "DELETE" });
  made.clear();
}

export function fleet(): AlertRpc {
  return env.FLEET.get(env.FLEET.idFromName("fleet"));
}
