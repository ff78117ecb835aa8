/** The eras. A new protocol revision is one file and one line here, or one more string in its era's `versions`. */
import type { Era } from "../../contract/server.ts";
import type { EraWire } from "./era-wire.ts";
import { legacy } from "./legacy.ts";
import { modern } from "./modern.ts";

export const eras: Readonly<Record<Era, EraWire>> = { legacy, modern };
