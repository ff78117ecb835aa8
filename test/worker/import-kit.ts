/** Imports as a test asks for them. */
import { expect } from "vitest";
import { ask } from "./door.ts";

export interface Line {
  readonly name: string;
  readonly id: string;
  readonly result: string;
  readonly reason: string;
  readonly needs?: readonly string[];
}

export async function importFile(json: unknown, query = ""): Promise<{ entries: Line[]; ignored: string[] }> {
  const answer = await ask(`/servers:import${query}`, { json });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as unknown as { entries: Line[]; ignored: string[] };
}

export async function idsHere(): Promise<string[]> {
  return ((await ask("/servers")).body["servers"] as { id: string }[]).map(({ id }) => id);
}

export async function removeServers(): Promise<void> {
  const { body } = await ask("/servers?limit=1000");
  for (const { id } of body["servers"] as { id: string }[]) await ask(`/servers/${id}`, { method: "DELETE" });
}
