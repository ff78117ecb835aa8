import type { Link } from "../link.ts";

/** A way to present ourselves to a server: the headers it adds to every request of a connection. */
export type Credential = (connection: Link) => Readonly<Record<string, string>>;
