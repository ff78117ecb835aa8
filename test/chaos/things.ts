/** What administrators change. Version 7 of a thing has two fields that say so: a change that is whole moves both. */

/** 0: there is none. */
export type Version = number;

export interface Thing {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface Things {
  readonly name: "servers" | "toolsets";
  /** What `POST` takes besides the id. */
  readonly beside: object;
  readonly fieldsOf: (version: Version) => Readonly<Record<string, string | number>>;
}

export const servers: Things = {
  name: "servers",
  // Nothing listens there, and nobody looks: it is registered and not used.
  beside: { url: "http://127.0.0.1:65000/mcp", disabled: true },
  fieldsOf: (version) => ({ title: `v${version}`, timeoutMs: 10_000 + version }),
};

export const toolsets: Things = {
  name: "toolsets",
  beside: { servers: [] },
  fieldsOf: (version) => ({ title: `v${version}`, description: `This is version ${version}.` }),
};

/** The version that every field agrees on; undefined when they do not. */
export function versionOf(things: Things, thing: Thing | undefined): Version | undefined {
  if (!thing) return 0;
  const version = Number(/^v(\d+)$/.exec(String(thing["title"]))?.[1] ?? Number.NaN);
  return Object.entries(things.fieldsOf(version)).every(([name, value]) => thing[name] === value) ? version : undefined;
}
