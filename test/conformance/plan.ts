/** Every run of the suite's server scenarios: which requirement set, on which endpoint, with which fixture behind. */
import type { FixtureMode } from "./fixture/start-fixture.ts";
import type { Revision } from "./requirements.ts";

export interface Run {
  readonly revision: Revision;
  /** The gateway's path; absent when the suite talks to the fixture itself. */
  readonly endpoint?: string;
  readonly fixture: FixtureMode;
}

/** Against the fixtures themselves: the judge is judged first. */
export const directRuns: readonly Run[] = [
  { revision: "2025-11-25", fixture: "dual" },
  { revision: "2026-07-28", fixture: "dual" },
  { revision: "2025-11-25", fixture: "legacy" },
  { revision: "2026-07-28", fixture: "modern" },
];

/** With `dual` and the unrelated server registered, so that bare names on /mcp have one owner each. */
export const dualRuns: readonly Run[] = [
  { revision: "2025-11-25", endpoint: "/mcp/servers/dual", fixture: "dual" },
  { revision: "2026-07-28", endpoint: "/mcp/servers/dual", fixture: "dual" },
  { revision: "2025-11-25", endpoint: "/mcp", fixture: "dual" },
  { revision: "2026-07-28", endpoint: "/mcp", fixture: "dual" },
];

/** Servers of one era: the mixed cells, and their neighbours in which both sides speak the same. */
export const oneEraRuns: readonly Run[] = [
  { revision: "2025-11-25", endpoint: "/mcp/servers/legacy", fixture: "legacy" },
  { revision: "2026-07-28", endpoint: "/mcp/servers/legacy", fixture: "legacy" },
  { revision: "2025-11-25", endpoint: "/mcp/servers/modern", fixture: "modern" },
  { revision: "2026-07-28", endpoint: "/mcp/servers/modern", fixture: "modern" },
];

/** The same behind a connector, on stdin and stdout. */
export const stdioRuns: readonly Run[] = [
  { revision: "2025-11-25", endpoint: "/mcp/servers/stdio-legacy", fixture: "legacy" },
  { revision: "2026-07-28", endpoint: "/mcp/servers/stdio-legacy", fixture: "legacy" },
  { revision: "2025-11-25", endpoint: "/mcp/servers/stdio-modern", fixture: "modern" },
  { revision: "2026-07-28", endpoint: "/mcp/servers/stdio-modern", fixture: "modern" },
];

/** The head of a run's line, and its name in expected-failures.yml. */
export function nameOf({ revision, endpoint, fixture }: Run): string {
  if (endpoint === undefined) return `${revision} direct ${fixture}`;
  return endpoint.endsWith(`/${fixture}`) ? `${revision} ${endpoint}` : `${revision} ${endpoint} (${fixture})`;
}
