/** What to do about a server that is not well, by its state and the reason that the gateway gives. */
interface Unwell {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly kind: string | null;
}

const byReason: readonly (readonly [reason: RegExp, mend: string])[] = [
  [
    /no connector|connector .* gone/i,
    "Start its connector: npx patchbay connect mcp.json, on the machine where the server is.",
  ],
  [/exited|ended/i, "Its program ended: run its command by hand on the connector's machine, and read what it says."],
  [
    /refused our credential/,
    `Give it a good credential: PATCH /servers/{id} {"headers":{"Authorization":"Bearer …"}}.`,
  ],
  [
    /credential does not open/,
    "PATCHBAY_SECRET has changed: put the old secret back beside it, or set its headers anew.",
  ],
  [/web page/, "Correct its address: most servers are at /mcp or /sse. A login page means that it wants a credential."],
  [/redirects to/, `Register the address that it leads to: PATCH /servers/{id} {"url":"…"}.`],
  [/No complete answer/, `Look why it is slow; if that is its way, PATCH /servers/{id} {"timeoutMs":120000}.`],
  [/HTTP status 404|HTTP status 405/, "Correct its address: there is nothing at that path. Most servers are at /mcp."],
  [/HTTP status 5|says that it is busy/, "It fails by itself: look into its own log."],
  [
    /may not be dialled/,
    `If the address is meant, PATCH /servers/{id} {"allowPrivate":true}; else use a public https one.`,
  ],
  [/registration is not right/, `Correct it with PATCH /servers/{id}; for service:// add the binding and deploy.`],
  [/connection failed/i, "Start it, or correct its address; look whether the gateway may reach it."],
  [/larger than/, `Let it answer in pages, or PATCH /servers/{id} {"maxAnswerBytes":33554432}.`],
  [
    /not JSON|breaks off|answered with nothing|not valid MCP|another request/,
    "It does not speak MCP right: try another version of it, and tell its author.",
  ],
];

export function mendServer({ id, state, reason, kind }: Unwell): string {
  if (state === "disabled") return `If it is wanted: PATCH /servers/${id} {"disabled":false}.`;
  if (state === "draining") return "It moves to another shard; that takes seconds.";
  const known = byReason.find(([pattern]) => pattern.test(reason))?.[1];
  if (known) return `${known.replaceAll("{id}", id)} Then POST /servers/${id}:check.`;
  if (kind === "connector") return "Look at its connector's own lines; npx patchbay connect shows why.";
  return `Have it looked at now: POST /servers/${id}:check. The reason it then gives says more.`;
}
