/** A Worker behind a service binding: Streamable HTTP without a network (docs/decisions/0013-service-bindings.md). */
import { refuse } from "../refusal.ts";
import { serviceAt } from "../services.ts";
import { http } from "./http.ts";
import type { KindWire } from "./kind-wire.ts";

export const service: KindWire = {
  ...http,
  exchange(x, bounds, networks) {
    // A deploy may have taken the binding away since this connection was made; then nothing is sent.
    return serviceAt(x.connection.url, networks)
      ? http.exchange(x, bounds, networks)
      : Promise.resolve(refuse(x, "server_unreachable", "its service binding is not there any more", "not_executed"));
  },
};
