/** Every server of the fleet, by id. For an operator's rare questions: it reads them all. */
import type { PlacedServer } from "../../../core/contract/fleet-rpc.ts";
import { success, type Outcome } from "../../../core/contract/outcome.ts";
import type { House } from "../../house.ts";
import { askFleet } from "../../objects.ts";

export async function everyServer(house: House): Promise<Outcome<readonly PlacedServer[]>> {
  const servers: PlacedServer[] = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const position: string = after;
    const page = await askFleet(house.env, (fleet) => fleet.servers(position, 1_000));
    if (!page.ok) return page;
    servers.push(...page.value.items);
    after = page.value.next;
  }
  return success(servers);
}
