/**
 * A server on its way to another shard: its connections, catalog, health, traffic and bucket, so that the new owner
 * goes on without a handshake. Only shards read what is inside; one of another release sends what this one may not
 * know, so the format is told first and a parcel that does not open is no fault: its server is connected anew.
 */
import type { Catalog } from "../../core/contract/catalog.ts";
import type { BucketState, ServerParcel } from "../../core/contract/shard-rpc.ts";
import type { Buckets } from "./buckets.ts";
import type { Catalogs } from "./catalog.ts";
import type { Connections, Introduction, KeptConnection } from "./connections.ts";
import type { KeptConversation } from "./conversation-rows.ts";
import type { Conversations } from "./conversations.ts";
import type { Receipts } from "./receipts.ts";
import type { Server, Servers } from "./servers.ts";

const format = 1;

interface Contents {
  readonly format: typeof format;
  readonly standing: Omit<Server, "record">;
  readonly connection?: KeptConnection | undefined;
  readonly introduction?: Introduction | undefined;
  readonly conversations?: readonly KeptConversation[];
  readonly catalog?: Catalog | undefined;
  readonly seenAt?: number | undefined;
  readonly traffic?: string | undefined;
  readonly buckets: readonly BucketState[];
}

export interface ParcelRooms {
  readonly servers: Servers;
  readonly connections: Connections;
  readonly conversations: Conversations;
  readonly catalogs: Catalogs;
  readonly receipts: Receipts;
  readonly buckets: Buckets;
}

export function pack(rooms: ParcelRooms, { record, ...standing }: Server): ServerParcel {
  const { id } = record;
  const contents: Contents = {
    format,
    standing,
    connection: rooms.connections.get(id),
    introduction: rooms.connections.introduction(id),
    conversations: rooms.conversations.pack(id),
    catalog: rooms.catalogs.whole(id),
    seenAt: rooms.catalogs.summary(id)?.seenAt,
    traffic: rooms.receipts.pack(id),
    buckets: rooms.buckets.states(serverBuckets(id)),
  };
  return { record, rows: JSON.stringify(contents) };
}

/** Answers whether the parcel could be opened. */
export function unpack(rooms: ParcelRooms, { record, rows }: ServerParcel): boolean {
  const contents = contentsOf(rows);
  if (contents === undefined) return false;
  const { standing, connection, introduction, conversations, catalog, seenAt, traffic, buckets } = contents;
  const { id } = record;
  rooms.servers.put({ record, ...standing });
  if (connection) rooms.connections.keep(id, connection);
  if (introduction) rooms.connections.introduce(id, introduction);
  if (conversations) rooms.conversations.unpack(conversations);
  if (catalog) rooms.catalogs.replace(id, catalog, seenAt ?? 0);
  if (traffic !== undefined) rooms.receipts.unpack(id, traffic);
  rooms.buckets.accept(serverBuckets(id), buckets);
  return true;
}

/** The owner's name under which a server's bucket is kept. */
export function serverBuckets(id: string): string {
  return `server:${id}`;
}

function contentsOf(rows: string): Contents | undefined {
  try {
    const contents: Contents = JSON.parse(rows);
    return contents.format === format ? contents : undefined;
  } catch {
    return undefined;
  }
}
