import type { KeyView } from "./view.ts";

/** What the documents show. */
export const exampleKey: KeyView = {
  id: "5fHq2Lr9Xa",
  name: "ci",
  state: "active",
  scopes: ["tools:call"],
  tools: null,
  toolset: null,
  limit: { perMinute: 100, burst: 100 },
  serverLimits: {},
  hint: "patchbay_5fHq…9kQz",
  secrets: [{ createdAt: "2026-10-23T09:00:00.000Z", endsAt: null }],
  createdAt: "2026-10-23T09:00:00.000Z",
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
};
