/** The connector's own key, which can do nothing but connect: made once, kept in the data folder beside the secret. */
import { join } from "node:path";
import type { Gateway } from "./ask.ts";
import { makeKey, stillWorks } from "./first-key.ts";
import { parseJson, textMember } from "./json.ts";
import { readIfThere, writeSafely } from "./state.ts";

export async function connectorKey(gateway: Gateway, dir: string): Promise<string> {
  const path = join(dir, "connector-key.json");
  const kept = parseJson((await readIfThere(path)) ?? "");
  const [id, key] = [textMember(kept, "id"), textMember(kept, "key")];
  if (id !== undefined && key !== undefined && (await stillWorks(gateway, id))) return key;
  const made = await makeKey(gateway, { name: "connector of this machine", scopes: ["connector"], limit: null });
  await writeSafely(path, `${JSON.stringify(made)}\n`);
  return made.key;
}
