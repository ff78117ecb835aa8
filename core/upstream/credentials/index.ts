/** The ways to present ourselves to a server. A new one is one file and one line here. */
import type { Link } from "../link.ts";
import type { Credential } from "./credential.ts";
import { staticHeaders } from "./static-headers.ts";

const credentials: readonly Credential[] = [staticHeaders];

export function credentialHeaders(connection: Link): Readonly<Record<string, string>> {
  return Object.fromEntries(credentials.flatMap((headersOf) => Object.entries(headersOf(connection))));
}
