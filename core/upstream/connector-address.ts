/**
 * Addresses of servers behind connectors: `connector://server` as registered, `connector://server/replica` as dialled,
 * where the replica is named after its connector. No shard is in it, so that nothing changes when the server moves.
 */
const shape = /^connector:\/\/([^/]+)\/([^/]+)$/;

export interface ConnectorPlace {
  readonly server: string;
  readonly replica: string;
}

export function isConnectorUrl(url: string): boolean {
  return url.startsWith("connector:");
}

/** What stands in the record of a server of kind `connector`. */
export function registeredUrl(server: string): string {
  return `connector://${server}`;
}

export function replicaUrl({ server, replica }: ConnectorPlace): string {
  return `connector://${server}/${encodeURIComponent(replica)}`;
}

export function placeOf(url: string): ConnectorPlace {
  const [, server, replica] = shape.exec(url) ?? [];
  if (server === undefined || replica === undefined) throw new Error(`not the address of a connector's server: ${url}`);
  return { server, replica: decodeURIComponent(replica) };
}
