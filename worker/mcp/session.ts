/**
 * `Mcp-Session-Id`: the session itself, sealed. It opens for the key and at the endpoint that it was made for and
 * nowhere else, so it needs no lookup, and is of no use to who steals it without the key. What cannot travel in it,
 * such as whether the client has ended it, is kept at its home shard (session-state.ts).
 */
import { z } from "zod";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { homeOf } from "../../core/policies/placement.ts";
import { toBase64Url } from "../../core/secrets/base64.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import { seal, unseal } from "../../core/secrets/seal.ts";
import type { House } from "../house.ts";
import { shardMap } from "../leases/shard-map.ts";
import type { Session } from "./rpc-call.ts";

const lifeMs = 24 * 60 * 60 * 1000;
/** Sealed, it travels in a header with every request. */
export const longestCapabilities = 4_096;

/** Opened lately, by whom and where it was: whoever else comes with the id has to open it by itself, and cannot. */
const opened = new Map<string, Session>();
const mostOpened = 5_000;

const sealedSchema = z.tuple([z.string(), z.number(), z.string(), z.string(), z.number()]);

export type Opening = Pick<Session, "keyId" | "endpoint" | "protocolVersion" | "capabilitiesText">;

export interface NewSession {
  readonly session: Session;
  readonly sealed: string;
}

export async function beginSession(house: House, opening: Opening): Promise<Outcome<NewSession>> {
  const { protocolVersion, capabilitiesText } = opening;
  if (capabilitiesText.length > longestCapabilities) {
    const message = `may have ${longestCapabilities} characters`;
    return failure({ code: "invalid_fields", fields: [{ path: "/params/capabilities", message }] });
  }
  const map = await shardMap(house);
  if (!map.ok) return map;
  const id = toBase64Url(crypto.getRandomValues(new Uint8Array(18)));
  const session = { ...opening, id, shard: homeOf(map.value.shards, id), endsAt: Date.now() + lifeMs };
  const text = JSON.stringify([id, session.shard, protocolVersion, capabilitiesText, session.endsAt]);
  const keyring = await openKeyring(house.env.PATCHBAY_SECRET);
  const sealed = await seal(keyring, text, contextOf(opening.keyId, opening.endpoint));
  remember(contextOf(opening.keyId, opening.endpoint) + sealed, session);
  return success({ session, sealed });
}

/** Undefined for every id that is no session of this key at this endpoint, or is too old. */
export async function openSession(
  house: House,
  sealed: string,
  keyId: string,
  endpoint: string,
): Promise<Session | undefined> {
  const name = contextOf(keyId, endpoint) + sealed;
  const known = opened.get(name);
  const session = known ?? (await unsealed(house, sealed, keyId, endpoint));
  if (!session || session.endsAt <= Date.now()) return undefined;
  if (!known) remember(name, session);
  return session;
}

async function unsealed(house: House, sealed: string, keyId: string, endpoint: string): Promise<Session | undefined> {
  const keyring = await openKeyring(house.env.PATCHBAY_SECRET);
  const text = await unseal(keyring, sealed, contextOf(keyId, endpoint));
  if (text === undefined) return undefined;
  const [id, shard, protocolVersion, capabilitiesText, endsAt] = sealedSchema.parse(JSON.parse(text));
  return { id, shard, keyId, endpoint, protocolVersion, capabilitiesText, endsAt };
}

function contextOf(keyId: string, endpoint: string): string {
  return `session:${keyId}:${endpoint}`;
}

function remember(name: string, session: Session): void {
  if (opened.size >= mostOpened) opened.delete(opened.keys().next().value ?? "");
  opened.set(name, session);
}
