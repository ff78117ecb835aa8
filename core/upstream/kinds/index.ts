/** The kinds of server. A new one is one file and one line here, and a word in core/contract/server.ts. */
import type { Kind } from "../../contract/server.ts";
import { connector } from "./connector.ts";
import { http } from "./http.ts";
import type { KindWire } from "./kind-wire.ts";
import { service } from "./service.ts";
import { sse } from "./sse.ts";

export const kinds: Readonly<Record<Kind, KindWire>> = { http, sse, service, connector };
