import type { Networks } from "../../contract/bindings.ts";
import type { Outcome } from "../../contract/outcome.ts";
import type { Answer, Bounds, Exchange, Link } from "../link.ts";
import type { Pending } from "../pending.ts";

/** A way to reach a replica. */
export interface KindWire {
  /** One request, one answer. */
  exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>>;
  /** Hears what the server says by itself, until one side ends it. `resources`: to be told of when they change. */
  listen(pending: Pending, resources: readonly string[]): Promise<Outcome<void>>;
  /** What the server must hear once between `initialize` and the first request, where a connection outlives one call. */
  confirm(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<void>>;
  /** Best effort: the server may forget us. */
  end(connection: Link, networks: Networks): Promise<void>;
}
