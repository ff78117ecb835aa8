/** The headers we present to servers, unsealed: in memory and in leases only, never written down. */
import type { ServerRecord } from "../../core/contract/server.ts";
import { openKeyring } from "../../core/secrets/keyring.ts";
import { unseal } from "../../core/secrets/seal.ts";

export type Headers = Readonly<Record<string, string>>;

const none: Headers = {};

export class Credentials {
  readonly #secret: string;
  readonly #opened = new Map<string, { readonly sealed: string; readonly headers: Headers }>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Nothing when the seal does not open: another gateway's secret, or one that was rotated out. */
  async open(record: ServerRecord): Promise<Headers | undefined> {
    const { id, sealedHeaders: sealed } = record;
    if (sealed === undefined) return none;
    const opened = this.#opened.get(id);
    if (opened?.sealed === sealed) return opened.headers;
    const text = await unseal(await openKeyring(this.#secret), sealed, `server:${id}`);
    if (text === undefined) return undefined;
    const headers: Headers = JSON.parse(text);
    this.#opened.set(id, { sealed, headers });
    return headers;
  }

  forget(server: string): void {
    this.#opened.delete(server);
  }
}
