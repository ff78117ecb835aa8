/** A server whose doings the test can see: what ran, what was cancelled. */
import {
  noArguments,
  text,
  type Call,
  type Fields,
  type FixtureTool,
  type Offer,
} from "../conformance/fixture/offer.ts";
import { elicit } from "../conformance/fixture/questions.ts";
import { suiteOffer } from "../conformance/fixture/offers.ts";

export interface Watched {
  readonly offer: Offer;
  /** Names of the tools that ran to their end, in that order. */
  readonly ran: string[];
  /** Names that `hold` was given, while it waits. */
  readonly held: Set<string>;
  readonly cancelled: string[];
}

/** The suite's offer, and tools that tell. */
export function watched(): Watched {
  const ran: string[] = [];
  const held = new Set<string>();
  const cancelled: string[] = [];
  const hold = async ({ name }: Fields, call: Call): Promise<Fields> => {
    held.add(String(name));
    await call.progress(1, 2);
    await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
    held.delete(String(name));
    cancelled.push(String(name));
    return text("let go");
  };
  const tools: readonly FixtureTool[] = [
    tool("count", () => text(`run ${ran.push("count")}`)),
    { name: "hold", description: "Waits to be cancelled", inputSchema: noArguments, run: hold },
    tool("ask_then_count", async (args, call) => {
      const question = elicit(`Count ${String(args["what"])}?`, { ok: { type: "boolean" } }, ["ok"]);
      await call.ask({ sure: question }, { withState: true });
      return text(`counted ${ran.push("ask_then_count")}`);
    }),
    tool("repeat", (args) => text(JSON.stringify(args))),
  ];
  return { offer: { ...suiteOffer, tools: [...suiteOffer.tools, ...tools] }, ran, held, cancelled };
}

function tool(name: string, run: FixtureTool["run"]): FixtureTool {
  return { name, description: `The tool ${name}`, inputSchema: noArguments, run };
}
