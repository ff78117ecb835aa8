import { describe, expect, it } from "vitest";
import { negotiate } from "../../../core/upstream/negotiate.ts";
import { bounds, failed, value } from "./asking.ts";
import { answer, resultFor, serve, status } from "./scripted-server.ts";

const discovery = '{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}}';

function find(url: string) {
  const target = { server: "s1", replica: "r1", url, headers: {}, network: "private" as const };
  return negotiate(target, bounds(), {});
}

describe("a redirect on the way to a server", () => {
  it("is followed within the origin, and the new address is kept", async () => {
    const server = await serve((heard, response) =>
      heard.path === "/mcp"
        ? status(response, 307, "", { location: "/mcp/" })
        : answer(response, resultFor(heard, discovery)),
    );
    expect(value(await find(server.url)).connection.url).toBe(`${server.url}/`);
  });

  it("is followed three times", async () => {
    const server = await serve((_, response) => status(response, 308, "", { location: "/mcp" }));
    expect(failed(await find(server.url))).toMatchObject({ code: "server_redirects" });
    expect(server.heard).toHaveLength(4);
  });

  it("never leads to another origin, so that no credential does", async () => {
    const other = await serve((heard, response) => answer(response, resultFor(heard, discovery)));
    const port = new URL(other.url).port;
    for (const location of [
      other.url,
      `//127.0.0.1:${port}/mcp`,
      "http://169.254.169.254/",
      "file:///etc/passwd",
      "",
    ]) {
      const server = await serve((_, response) => status(response, 302, "", { location }));
      expect(failed(await find(server.url))).toMatchObject({ code: "server_redirects", location });
    }
    expect(other.heard).toEqual([]);
  });

  it("is not followed to an address that could not be registered", async () => {
    for (const place of ["u@HOST/x", "u:p@HOST/x", ":p@HOST/x", "HOST/x#fragment"]) {
      const server = await serve((heard, response) =>
        heard.path === "/mcp"
          ? status(response, 307, "", { location: `http://${place.replace("HOST", String(heard.headers.host))}` })
          : answer(response, resultFor(heard, discovery)),
      );
      expect(failed(await find(server.url))).toMatchObject({ code: "server_redirects" });
      expect(server.heard).toHaveLength(1);
    }
  });
});
