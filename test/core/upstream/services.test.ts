import { describe, expect, it } from "vitest";
import { negotiate } from "../../../core/upstream/negotiate.ts";
import { serviceNames } from "../../../core/upstream/services.ts";

const bounds = { deadlineAt: Date.now() + 60_000, maxAnswerBytes: 65_536 };

/** Two bound Workers: the first sends everything on, the second notes what reaches it. */
function boundWorkers(location: string) {
  const reached: string[] = [];
  const networks = {
    BIND: "loopback",
    SERVICE_FIRST: { fetch: () => Promise.resolve(new Response(null, { status: 307, headers: { location } })) },
    SERVICE_SECOND: {
      fetch(url: string) {
        reached.push(url);
        return Promise.resolve(new Response(null, { status: 404 }));
      },
    },
    SERVICE_WORD: "a variable",
    SERVICE_SPACE: { get: () => undefined },
  };
  const target = { server: "x", replica: "1", headers: {}, network: "public", kind: "service" } as const;
  return { reached, networks, meet: (url: string) => negotiate({ ...target, url }, bounds, networks) };
}

describe("Workers behind bindings", () => {
  it("are the bindings with the prefix that can be fetched from", () => {
    expect(serviceNames(boundWorkers("/").networks)).toEqual(["SERVICE_FIRST", "SERVICE_SECOND"]);
  });

  it("are asked at the path and query of the address", async () => {
    const { meet, reached } = boundWorkers("/");
    await meet("service://SERVICE_SECOND/mcp?team=a");
    expect(new Set(reached)).toEqual(new Set(["https://SERVICE_SECOND/mcp?team=a"]));
  });

  it.each(["service://SERVICE_SECOND/mcp", "https://SERVICE_SECOND/mcp", "data:,x"])(
    "cannot lead us on to another, as with %s",
    async (location) => {
      const { meet, reached } = boundWorkers(location);
      const met = await meet("service://SERVICE_FIRST/mcp");
      expect(met).toMatchObject({ ok: false, failure: { code: "server_redirects" } });
      expect(reached).toEqual([]);
    },
  );
});
