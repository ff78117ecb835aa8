/** The environment both the Worker and the objects are given. Optional bindings are missing on plain workerd. */
export interface Secrets {
  /** Keyring `kid:base64,kid:base64`, newest first: every other key of the house is derived from it. */
  readonly PATCHBAY_SECRET: string;
  /** The root admin key, checked without I/O. */
  readonly PATCHBAY_ADMIN_KEY?: string;
}

export interface Networks {
  /** Reaches loopback and private addresses; absent on Cloudflare, where there are none to reach. */
  readonly PRIVATE_NETWORK?: Fetcher | undefined;
  /** `loopback` when only this machine can call, which lets servers be on loopback too. */
  readonly BIND?: string | undefined;
  /** Reaches servers behind connectors. Throws `NotSent` (core/upstream) when nothing of the request has left the house. */
  readonly connector?: (url: string, init: RequestInit) => Promise<Response>;
}
