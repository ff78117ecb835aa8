/** How the rooms of a shard are joined: each is made once, from what it needs. Read top to bottom, it is the house's plan. */
import type { Networks, Secrets } from "../../core/contract/bindings.ts";
import { Admissions } from "./admission.ts";
import { AskingIsolates } from "./asking-isolates.ts";
import { Breakers } from "./breakers.ts";
import { Buckets } from "./buckets.ts";
import { Catalogs } from "./catalog.ts";
import { Checks } from "./checks.ts";
import { Checkpoint } from "./checkpoint.ts";
import { ClaimRows } from "./claim-rows.ts";
import { Claims } from "./claims.ts";
import { Connections } from "./connections.ts";
import { OfferRows } from "./connectors/offer-rows.ts";
import { openConnecting } from "./connectors/open.ts";
import { Reception } from "./connectors/reception.ts";
import { ConversationRows } from "./conversation-rows.ts";
import { Conversations } from "./conversations.ts";
import { Credentials } from "./credentials.ts";
import { Custody } from "./custody.ts";
import { Entries } from "./entries.ts";
import { Health } from "./health.ts";
import { Introductions } from "./introductions.ts";
import { Keys } from "./keys.ts";
import { Listening } from "./listening.ts";
import { Mailbox } from "./mailbox.ts";
import { Neighbours, type NeighbourEnv } from "./neighbours.ts";
import { Offers } from "./offers.ts";
import { Ownership } from "./ownership.ts";
import { OwnCalls } from "./own-calls.ts";
import { Parking } from "./parking.ts";
import { Receipts } from "./receipts.ts";
import { Recovery } from "./recovery.ts";
import { Routes } from "./routes.ts";
import { Schedule } from "./schedule.ts";
import { Servers } from "./servers.ts";
import { Sessions } from "./sessions.ts";
import { Store } from "./store.ts";
import { planSweep } from "./sweep.ts";
import { openTelling } from "./telling.ts";
import { Visits } from "./visits.ts";

export type ShardEnv = NeighbourEnv & Pick<Secrets, "PATCHBAY_SECRET"> & Networks;
export type Rooms = ReturnType<typeof openRooms>;

export function openRooms(ctx: DurableObjectState, env: ShardEnv, shard: number) {
  const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work);
  const store = new Store(ctx.storage);
  const neighbours = new Neighbours(env);
  const ownership = new Ownership(shard, store, neighbours);
  const schedule = new Schedule(ctx.storage, waitUntil);
  const kept = openKept(store, neighbours);
  const { keys, buckets, servers, catalogs, receipts, conversationRows, claimRows } = kept;
  const sessions = new Sessions(store, schedule);
  const claims = new Claims({ claimRows, ownership, neighbours, schedule });

  const admissions = new Admissions({ ownership, keys, buckets, neighbours });
  const checkpoint = new Checkpoint({ buckets, keys, receipts, conversationRows }, schedule);
  const breakers = new Breakers();
  const heard = { ...kept, admissions, checkpoint, breakers };
  const telling = openTelling({ ...heard, shard, store, neighbours, schedule, waitUntil });
  const health = new Health(servers, catalogs, schedule, breakers);

  const credentials = new Credentials(env.PATCHBAY_SECRET);
  const connecting = openConnecting(ctx, env, { ...kept, neighbours, waitUntil });
  const dialling = { ...kept, ...connecting, credentials };
  const introductions = new Introductions(dialling);
  const meeting = { ...dialling, introductions, schedule, waitUntil };
  const conversations = new Conversations(meeting);
  const visiting = { ...meeting, conversations, health };
  const visits = new Visits(visiting);

  const checks = new Checks({ ...visiting, visits });
  const custody = new Custody({ ...visiting, ownership, visits });
  const recovery = new Recovery({ ownership, servers, custody, neighbours });
  const calling = { breakers, askingIsolates: new AskingIsolates() };
  const routes = new Routes({ ...visiting, ...calling, ownership, recovery, visits });
  const offering = { ...kept, store, ownership, recovery, routes, visits };
  const offers = new Offers(offering);
  const entries = new Entries(offering, offers);
  const carrying = { routes, visits, networks: connecting.networks, waitUntil };
  const ownCalls = new OwnCalls({ ...kept, breakers, health });
  const parking = new Parking({ ...carrying, ownCalls, listening: new Listening(carrying) });
  const reception = new Reception({ ...visiting, ownership, recovery, visits });

  custody.onDeleted((id) => {
    parking.cut(id);
    reception.forget(id);
  });
  ownership.onChange((first) => {
    custody.keepOwned();
    keys.keepOnly((id) => ownership.isHome(id));
    reception.mapChanged();
    waitUntil(claims.handOn());
    if (first) waitUntil(recovery.all());
  });
  for (const id of servers.ids()) health.plan(id, Date.now());
  const counted = { ...kept, ...telling, ...calling, store, ownership, schedule, checkpoint };
  const lasting = { ...counted, sessions, conversations, claims, waitUntil };
  planSweep(lasting, Date.now());
  const conversing = { mailbox: new Mailbox(), parking, reception, offers, entries, checks };
  return { ...lasting, ...connecting, ...conversing, admissions, health, visits, custody, routes };
}

/** The rooms that keep rows. */
function openKept(store: Store, neighbours: Neighbours) {
  return {
    keys: new Keys(store, neighbours),
    buckets: new Buckets(store),
    servers: new Servers(store),
    connections: new Connections(store),
    offerRows: new OfferRows(store),
    conversationRows: new ConversationRows(store),
    claimRows: new ClaimRows(store),
    catalogs: new Catalogs(store),
    receipts: new Receipts(store),
  };
}
