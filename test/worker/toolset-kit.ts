/** Toolsets made through the door, and taken away again. */
import { expect } from "vitest";
import { ask, type Answer, type Body } from "./door.ts";

const made = new Set<string>();

export async function make(id: string, fields: object = {}): Promise<Body> {
  const answer = await ask("/toolsets", { json: { id, ...fields } });
  expect(answer.status, answer.text).toBe(201);
  made.add(id);
  return answer.body;
}

export function change(id: string, json: object): Promise<Answer> {
  return ask(`/toolsets/${id}`, { method: "PATCH", json });
}

export async function unmake(): Promise<void> {
  for (const id of made) await ask(`/toolsets/${id}`, { method: "DELETE" });
  made.clear();
}
