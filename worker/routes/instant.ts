/** Instants: epoch milliseconds inside the house, RFC 3339 outside. */
import { z } from "zod";

export const instantSchema = z.iso.datetime().describe("RFC 3339, UTC.");

export function instant(at: number): string {
  return new Date(at).toISOString();
}

export function instantOrNull(at: number | undefined): string | null {
  return at === undefined ? null : instant(at);
}
