/** Admission: who the caller is, and a token for this request, from a lease when the isolate holds one. */
import type { Admission } from "../../core/contract/leases.ts";
import type { LimitView } from "../../core/contract/limit.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { homeOf } from "../../core/policies/placement.ts";
import { digestKey } from "../../core/secrets/api-key.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import type { Caller, House } from "../house.ts";
import type { Identity } from "../identity/index.ts";
import { askOwner } from "./ask-owner.ts";
import { collectReports, nextLeaseName, returnToken, takeToken, tokensLeft } from "./blocks.ts";
import { claimsRenewal, LeaseTable, type Lease } from "./lease-table.ts";
import { noteRefusal, refusalOf } from "./refusals.ts";

const root: Admitted = {
  principal: { keyId: "root", name: "root", scopes: ["admin"] },
  limits: () => [],
  giveBack: () => undefined,
};

const leases = new LeaseTable<Admission>(10_000);

const endsLeases: ReadonlySet<string> = new Set(["key_revoked", "key_invalid", "key_expired"]);

type KeyIdentity = Extract<Identity, { kind: "key" }>;

export interface Admitted extends Caller {
  /** Gives the token back: the request was refused by another limit and never ran. */
  giveBack(): void;
}

/** `server`: the server that the call is for, when there is one, for keys that have a limit of their own on it. */
export async function admit(house: House, identity: Identity, server?: string): Promise<Outcome<Admitted>> {
  if (identity.kind === "root") return success(root);
  const now = Date.now();
  const lease = leaseFor(identity.mac, server);
  if (lease && lease.endsAt > now && takeToken(lease.blocks, now)) {
    const left = tokensLeft(lease.blocks);
    if (claimsRenewal(lease, left, lease.value.tokens, now)) house.waitUntil(ask(house, identity, server, false));
    return success(admitted(lease, left));
  }
  return ask(house, identity, server, true);
}

/** A key with a limit on this very server is leased under both names; all its other calls share one lease. */
function leaseFor(mac: string, server: string | undefined): Lease<Admission> | undefined {
  const general = leases.get(mac);
  if (server === undefined) return general;
  if (general && !general.value.limitedServers.includes(server)) return general;
  return leases.get(`${mac}@${server}`);
}

async function ask(
  house: House,
  identity: KeyIdentity,
  server: string | undefined,
  use: boolean,
): Promise<Outcome<Admitted>> {
  const askedAt = Date.now();
  const held = leaseFor(identity.mac, server);
  const refusalName = `${identity.mac}@${server ?? ""}`;
  const refused = use ? refusalOf(refusalName, askedAt) : undefined;
  if (refused) return failure(refused);
  const reports = collectReports(held?.blocks);
  const name = nextLeaseName();
  const digest = await digestKey(await openKeyring(house.env.PATCHBAY_SECRET), identity.presented);
  const answer = await askOwner(
    house,
    (map) => homeOf(map.shards, identity.keyId),
    (shard, revision) =>
      shard.admit({
        keyId: identity.keyId,
        digest,
        ...(server === undefined ? {} : { server }),
        reports,
        lease: name,
        ahead: !use,
        revision,
      }),
  );
  if (!answer.ok) {
    if (held) held.renewing = false;
    if (endsLeases.has(answer.failure.code)) leases.delete(identity.mac);
    // A refusal that came while tokens were given back may be out of date already.
    if (reports.every(({ unused }) => unused === 0)) noteRefusal(refusalName, answer.failure, askedAt);
    return answer;
  }
  const admission = answer.value.value;
  const isLimited = server !== undefined && admission.limitedServers.includes(server);
  const { tokens, lifeMs } = admission;
  const lease = leases.put(isLimited ? `${identity.mac}@${server}` : identity.mac, admission, {
    lease: name,
    tokens,
    lifeMs,
    askedAt,
    ahead: !use,
  });
  return success(admitted(lease, tokensLeft(lease.blocks)));
}

function admitted(lease: Lease<Admission>, left: number): Admitted {
  const { principal, limits } = lease.value;
  return {
    principal,
    limits: () => limits.map((view) => withHeld(view, left)),
    giveBack: () => returnToken(lease.blocks),
  };
}

/** What the isolate still holds is the caller's, too. */
function withHeld(view: LimitView, left: number): LimitView {
  return { ...view, remaining: view.remaining + left };
}
