/** The first start makes an admin key that lasts; every start has one of its own, which ends with it. */
import { randomBytes } from "node:crypto";
import { ask, problemOf, type Gateway } from "./ask.ts";
import { Complaint } from "./complaint.ts";
import { member, textMember } from "./json.ts";

const leastLength = 32;

export interface OwnKey {
  readonly key: string;
  /** It came from PATCHBAY_ADMIN_KEY, so its user knows it already. */
  readonly passed: boolean;
}

/** The root admin key of this start: the user's, or a fresh one. */
export function ownKey(environment: NodeJS.ProcessEnv): OwnKey {
  const passed = environment["PATCHBAY_ADMIN_KEY"];
  if (passed === undefined || passed === "")
    return { key: `root_${randomBytes(32).toString("base64url")}`, passed: false };
  if (passed.length < leastLength || !/^[\x21-\x7e]+$/.test(passed)) {
    throw new Complaint(`PATCHBAY_ADMIN_KEY needs ${leastLength} printable characters or more, without spaces`);
  }
  return { key: passed, passed: true };
}

export interface MadeKey {
  readonly id: string;
  readonly key: string;
}

export function makeFirstKey(gateway: Gateway): Promise<MadeKey> {
  return makeKey(gateway, { name: "first admin key", scopes: ["admin"], limit: null });
}

export async function makeKey(gateway: Gateway, body: object): Promise<MadeKey> {
  const answer = await ask(gateway, "/keys", { method: "POST", body });
  const [id, key] = [textMember(answer.body, "id"), textMember(answer.body, "key")];
  if (id === undefined || key === undefined) {
    throw new Complaint(`the gateway would not make a key: ${problemOf(answer)}`);
  }
  return { id, key };
}

/** Whether a key that an earlier start made still opens this gateway. */
export async function stillWorks(gateway: Gateway, id: string): Promise<boolean> {
  const { status, body } = await ask(gateway, `/keys/${id}`);
  return status === 200 && (member(body, "revokedAt") ?? null) === null;
}
