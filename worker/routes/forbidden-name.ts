/**
 * `__proto__` as a member's name: JSON.parse keeps it, a copy may turn it into a prototype, and a record schema drops it
 * in silence. No field is called so, hence it is refused wherever it stands. (A tool's arguments are not looked at: they
 * pass as bytes.)
 */
import type { FieldFault } from "../../core/contract/failure.ts";

export function forbiddenName(value: unknown, path = ""): FieldFault | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const here = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (name === "__proto__") return { path: here, message: "is not allowed as a name" };
    const inside = forbiddenName(member, here);
    if (inside) return inside;
  }
  return undefined;
}
