/** Tells the gateway which servers are here; it answers where its shards are. */
import { z } from "zod";
import type { LocalServer } from "../local-server.ts";
import { ask, refusalWords, type Gateway } from "./ask.ts";

const registeredSchema = z.object({
  shards: z.array(z.int()).min(1),
  revision: z.int(),
  servers: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      problem: z.object({ code: z.string(), detail: z.string().optional() }).optional(),
    }),
  ),
});
export type Registered = z.infer<typeof registeredSchema>;

export type Registration =
  | { readonly is: "registered"; readonly registered: Registered }
  /** `status` 0: it was not reached. */
  | { readonly is: "refused"; readonly status: number; readonly words: string };

export async function register(
  gateway: Gateway,
  name: string,
  all: Iterable<Pick<LocalServer, "id" | "wishes">>,
): Promise<Registration> {
  const servers = [...all].map(({ id, wishes }) => ({ id, ...wishes }));
  const answer = await ask(gateway, "/connectors", { name, servers });
  if (answer.is === "unreachable") return { is: "refused", status: 0, words: answer.reason };
  const { status, body, text } = answer;
  if (status !== 200) return { is: "refused", status, words: refusalWords(status, text) };
  const read = registeredSchema.safeParse(body);
  return read.success
    ? { is: "registered", registered: read.data }
    : { is: "refused", status, words: "its answer is not one of a Patchbay gateway" };
}
