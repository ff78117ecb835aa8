/** The connection to a server, for what is no call: to listen, to answer what it asked. No limit counts that. */
import type { Connection } from "../../core/contract/call.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { ownerOf } from "../../core/policies/placement.ts";
import type { House } from "../house.ts";
import { askOwner } from "./ask-owner.ts";
import { nextLeaseName } from "./blocks.ts";
import type { RouteWish } from "./routes.ts";

/** `replica`: this one and no other, when it has a name. */
export async function connectionTo(house: House, wish: RouteWish, replica = ""): Promise<Outcome<Connection>> {
  const { server } = wish;
  const ask = { ...wish, isNoCall: true, reports: [], lease: nextLeaseName(), ahead: true };
  const asked = await askOwner(
    house,
    (map) => ownerOf(map, server),
    (shard, revision) => shard.route({ ...ask, revision }),
  );
  if (!asked.ok) return asked;
  const { replicas } = asked.value.value;
  const connection = replicas.find((one) => replica === "" || one.replica === replica);
  if (connection) return success(connection);
  return failure({ code: "server_down", server, execution: "not_executed", since: Date.now() });
}
