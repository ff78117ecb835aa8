/**
 * Cursors: where a list goes on, sealed. Bound to the list, the question and the caller, so that a cursor can neither be
 * made up nor carried to another list; it ends after a day, since nobody pages for longer.
 */
import { z } from "zod";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import { seal, unseal } from "../../core/secrets/seal.ts";
import type { Caller, House } from "../house.ts";

const lifeMs = 24 * 60 * 60 * 1000;

export interface CursorOf {
  readonly house: House;
  readonly caller: Caller;
  /** The list's name. */
  readonly list: string;
  /** What was asked; `limit` and `cursor` do not count. */
  readonly query: Readonly<Record<string, unknown>>;
}

const sealedSchema = z.object({ at: z.unknown(), endsAt: z.number() });

export async function sealCursor(of: CursorOf, at: unknown): Promise<string> {
  const keyring = await openKeyring(of.house.env.PATCHBAY_SECRET);
  return seal(keyring, JSON.stringify({ at, endsAt: Date.now() + lifeMs }), contextOf(of));
}

/** The place that `sealCursor` was given; undefined when there is no cursor, which is the first page. */
export async function openCursor<T>(
  of: CursorOf,
  cursor: string | undefined,
  place: z.ZodType<T>,
): Promise<Outcome<T | undefined>> {
  if (cursor === undefined) return success(undefined);
  const keyring = await openKeyring(of.house.env.PATCHBAY_SECRET);
  const text = await unseal(keyring, cursor, contextOf(of));
  const opened = text === undefined ? undefined : sealedSchema.parse(JSON.parse(text));
  if (opened && opened.endsAt > Date.now()) return success(place.parse(opened.at));
  const message = "is not a cursor of this list: made for another question or key, or more than a day old";
  return failure({ code: "invalid_fields", fields: [{ path: "cursor", message }] });
}

function contextOf({ caller, list, query }: CursorOf): string {
  // The schema gives its members in one order, however they were asked.
  const asked = Object.entries(query).filter(
    ([name, value]) => name !== "limit" && name !== "cursor" && value !== undefined,
  );
  return `cursor:${list}:${caller.principal.keyId}:${JSON.stringify(asked)}`;
}
