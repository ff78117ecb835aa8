import type { Networks } from "../../contract/bindings.ts";
import type { Outcome } from "../../contract/outcome.ts";
import type { Answer, Bounds, Exchange, Link } from "../link.ts";

/** A way to reach a replica. */
export interface KindWire {
  /** One request, one answer. */
  exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>>;
  /** What the server must hear once between `initialize` and the first request, where a connection outlives one call. */
  confirm(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<void>>;
  /** Best effort: the server may forget us. */
  end(connection: Link, networks: Networks): Promise<void>;
}
