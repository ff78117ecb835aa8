/** A server that refuses our version says which it serves (specification, "versioning"). */
import { describe, expect, it } from "vitest";
import { negotiate } from "../../../core/upstream/negotiate.ts";
import { bounds, failed, value } from "./asking.ts";
import { answer, errorFor, json, resultFor, serve, status, type Heard, type Script } from "./scripted-server.ts";

const discovery = `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}`;
const greeting = `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}`;

function find(url: string) {
  const target = { server: "s1", replica: "r1", url, headers: {}, network: "private" } as const;
  return negotiate(target, bounds({ timeoutMs: 5_000 }), {});
}

function methods(heard: readonly Heard[]): (string | undefined)[] {
  return heard.map(({ method, rpc }) => rpc.method ?? method);
}

/** Refuses server/discover the given way and is legacy otherwise. */
function legacy(refuse: Script): Script {
  return (heard, response, socket) => {
    if (heard.rpc.method === "server/discover") return refuse(heard, response, socket);
    if (heard.rpc.method === "initialize") return answer(response, resultFor(heard, greeting), json);
    return status(response, 202);
  };
}

describe("a server that refuses our version", () => {
  it("and names a version of ours is asked again in it, once", async () => {
    const offer = '{"supported":["2026-07-28"],"requested":"2026-07-28"}';
    const refuse: Script = (heard, response) => status(response, 400, errorFor(heard, -32022, "no", offer), json);
    let asked = 0;
    const once = await serve((heard, response, socket) => {
      asked += 1;
      if (asked === 1) return refuse(heard, response, socket);
      return answer(response, resultFor(heard, discovery));
    });
    expect(value(await find(once.url)).connection.era).toBe("modern");
    expect(methods(once.heard)).toEqual(["server/discover", "server/discover"]);

    const always = await serve(refuse);
    expect(failed(await find(always.url))).toMatchObject({ code: "server_error", rpcCode: -32022 });
    expect(methods(always.heard)).toEqual(["server/discover", "server/discover"]);
  });

  it("and speaks no version of ours is a failure, not a legacy server", async () => {
    const refusal =
      (supported: string): Script =>
      (heard, response) =>
        status(
          response,
          400,
          errorFor(heard, -32022, "no", `{"supported":${supported},"requested":"2026-07-28"}`),
          json,
        );
    const future = await serve(refusal('["2099-01-01"]'));
    expect(failed(await find(future.url))).toMatchObject({ code: "server_error", rpcCode: -32022 });
    expect(methods(future.heard)).toEqual(["server/discover"]);
    const both = await serve(legacy(refusal('["2099-01-01","2025-11-25"]')));
    expect(value(await find(both.url)).connection.era).toBe("legacy");
  });
});
