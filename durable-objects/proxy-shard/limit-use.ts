/** How much of its limits each key has used since somebody looked. In memory only: the hot path writes nothing. */
import type { LimitView } from "../../core/contract/limit.ts";
import type { Bucket } from "../../core/policies/token-bucket.ts";
import { Recent } from "./recent.ts";

const most = 10_000;

interface Grant {
  readonly views: readonly LimitView[];
  /** In the order of the views. */
  readonly buckets: readonly Pick<Bucket, "outstanding">[];
}

export class LimitUse {
  #shares = new Recent<number>(most);

  /** After a grant. Tokens that are leased may still come back, so they count as unused. A limit on one server is a subject of its own. */
  granted(keyId: string, server: string | undefined, { views, buckets }: Grant): void {
    for (const [index, { name, quota, remaining }] of views.entries()) {
      const leased = buckets[index]?.outstanding.reduce((sum, { tokens }) => sum + tokens, 0) ?? 0;
      this.#note(subjectOf(keyId, server, name), 1 - (remaining + leased) / quota);
    }
  }

  refused(keyId: string, server: string | undefined, name: LimitView["name"]): void {
    this.#note(subjectOf(keyId, server, name), 1);
  }

  /** The greatest share of each since the last look. */
  take(): ReadonlyMap<string, number> {
    const taken = new Map(this.#shares.entries());
    this.#shares = new Recent<number>(most);
    return taken;
  }

  #note(subject: string, share: number): void {
    const known = this.#shares.get(subject);
    if (known === undefined || share > known) this.#shares.set(subject, share);
  }
}

function subjectOf(keyId: string, server: string | undefined, name: LimitView["name"]): string {
  return name === "key_server" && server !== undefined ? `${keyId}/${server}` : keyId;
}
