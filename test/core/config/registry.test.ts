import { expect, it } from "vitest";
import { read, readFile } from "./read.ts";

it("reads a remote of a server.json, and names what it needs", () => {
  const [entry] = readFile("server-remote.json");
  expect(entry).toMatchObject({
    id: "weather",
    name: "io.github.acme/weather",
    title: "The weather",
    is: "http",
    url: "https://{tenant}.weather.example/eu/mcp",
    needs: ["tenant", "WEATHER_AUTHORIZATION", "api_key"],
  });
  expect(entry?.notes.join(" ")).toMatch(/X-Trace is optional.*2 ways/);
});

it("fills a server.json from the environment", () => {
  const given = { INPUT_TENANT: "blue", WEATHER_AUTHORIZATION: "Bearer {x}${y}", INPUT_API_KEY: "k{z}" };
  const [entry] = readFile("server-remote.json", given);
  expect(entry).toMatchObject({
    url: "https://blue.weather.example/eu/mcp",
    headers: { Authorization: "Bearer {x}${y}", "X-Api-Key": "key k{z}", "X-Mode": "fast" },
    needs: [],
  });
});

it("makes command lines of packages", () => {
  const given = { BRAVE_API_KEY: "b", INPUT_SOURCE: "/src", TOKEN: "t" };
  const [brave, clock, image, old, dotnet, ...rest] = readFile("server-packages.json", given);
  expect(brave).toMatchObject({
    id: "brave",
    is: "stdio",
    command: "npx",
    args: ["-y", "@acme/server-brave@1.0.2", "/data", "--mode", "slow", "--verbose"],
    env: { BRAVE_API_KEY: "b", BRAVE_REGION: "eu" },
    needs: [],
  });
  expect(brave?.notes.join(" ")).toContain("BRAVE_DEBUG is optional");
  expect(clock).toMatchObject({ command: "uvx", args: ["acme-clock@0.4.0"] });
  expect(image).toMatchObject({
    command: "docker",
    args: ["run", "-i", "--rm", "--mount", "type=bind,src=/src,dst=/data", "-e", "TOKEN", "ghcr.io/acme/image:1.2.3"],
    env: { TOKEN: "t" },
  });
  expect(old).toMatchObject({ command: "npx", args: ["-y", "@acme/old@0.9.0"], needs: ["OLD_KEY", "path"] });
  expect(dotnet).toMatchObject({ command: "dnx", args: ["Acme.Mcp@1.0.0", "--yes", "--", "serve"] });
  expect(rest.map((one) => [one.name, one.is === "refused" && one.reason])).toEqual([
    ["io.github.acme/bundle", `No command is known for its package type "mcpb".`],
    ["io.github.acme/port", expect.stringContaining("start one, and register that address")],
    ["io.github.acme/nothing", "It lists neither remotes nor packages."],
    ["", expect.stringContaining("expected object")],
  ]);
});

it("says what a package still needs, and what its image is", () => {
  const [, , image] = readFile("server-packages.json");
  expect(image?.needs).toEqual(["TOKEN", "source"]);
  const packages = [
    {
      registry_type: "oci",
      registry_base_url: "https://ghcr.io",
      identifier: "a/b",
      version: "2",
      runtime_hint: "nerdctl",
    },
  ];
  const [entry] = read({ name: "x/y", packages }).entries;
  expect(entry).toMatchObject({ command: "docker", args: ["run", "-i", "--rm", "ghcr.io/a/b:2"] });
  expect(entry?.notes.join(" ")).toContain("nerdctl");
});

it("prefers a remote to a package, in the registry's wrapper as well", () => {
  const server = {
    name: "a/b",
    remotes: [{ transport_type: "sse", url: "https://x.example/sse" }],
    packages: [{ registryType: "npm", identifier: "b" }],
  };
  const { entries, ignored } = read({ server, _meta: {}, extra: 1 });
  expect(entries).toMatchObject([{ id: "b", is: "http", kind: "sse", url: "https://x.example/sse" }]);
  expect(ignored).toEqual(["extra"]);
});
