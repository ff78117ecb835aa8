import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, faultsIn, makeKey, register, tool, type FakeServer } from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };
const clock: FakeServer = { host: "clock.example", tools: [tool("now")] };

beforeEach(() => {
  delete files.failing;
  connectTo(files, clock);
});

afterEach(async () => {
  const { body } = await ask("/servers?limit=1000");
  for (const { id } of body["servers"] as { id: string }[]) await ask(`/servers/${id}`, { method: "DELETE" });
  vi.restoreAllMocks();
});

describe("registering", () => {
  it("takes an id and an address, and finds out the rest", async () => {
    const made = await ask("/servers?wait=ready", { json: { id: "files", url: "https://files.example/mcp" } });
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe("/servers/files");
    expect(made.body).toMatchObject({
      id: "files",
      url: "https://files.example/mcp",
      state: "ready",
      reason: "",
      kind: "http",
      era: "legacy",
      protocolVersion: "2025-11-25",
      serverName: "files.example",
      tools: 2,
      headers: [],
      timeoutMs: 60_000,
      maxAnswerBytes: 16_777_216,
      limit: null,
    });
    expect([1, 2, 3]).toContain(made.body["shard"]);
    expect(new Date(String(made.body["since"])).toISOString()).toBe(made.body["since"]);
  });

  it("answers 201 with the real state when the server is out of order", async () => {
    files.failing = 500;
    const [view] = await register({ id: "files", url: "https://files.example/mcp" });
    expect(view).toMatchObject({ state: "down", tools: 0 });
    expect(view?.["reason"]).not.toBe("");
  });

  it("sends the credential to the server and never shows it again", async () => {
    const secret = "Bearer s3cret-s3cret";
    const made = await ask("/servers?wait=ready", {
      json: { id: "files", url: "https://files.example/mcp", headers: { Authorization: secret, "X-Team": "blue" } },
    });
    expect(made.body).toMatchObject({ state: "ready", headers: ["Authorization", "X-Team"] });
    expect(files.seen?.get("authorization")).toBe(secret);
    for (const path of ["/servers", "/servers/files", "/status", "/audit"]) {
      expect((await ask(path)).text).not.toContain("s3cret");
    }
    expect(made.text).not.toContain("s3cret");
  });

  it("refuses an id that is taken, whatever its case", async () => {
    await register({ id: "files", url: "https://files.example/mcp" });
    const again = await ask("/servers", { json: { id: "Files", url: "https://clock.example/mcp" } });
    const problem = expectProblem(again, 409, "already_exists");
    expect(problem["detail"]).toContain("files");
    expect(faultsIn(again)).toEqual(["/id"]);
  });

  it.each([
    [{ id: "no url" }, ["/id", "/url"]],
    [{ id: "no-url" }, ["/url"]],
    [{ id: "a__b", url: "https://files.example/mcp" }, ["/id"]],
    [{ id: "x".repeat(41), url: "https://files.example/mcp" }, ["/id"]],
    [{ id: "count", url: "https://files.example/mcp" }, ["/id"]],
    [{ id: "a", url: "not a url" }, ["/url"]],
    [{ id: "a", url: "ftp://files.example" }, ["/url"]],
    [{ id: "a", url: "https://u:p@files.example/" }, ["/url"]],
    [{ id: "a", url: `https://files.example/${"x".repeat(2048)}` }, ["/url"]],
    [{ id: "a", url: "https://files.example", colour: "red" }, ["/colour"]],
    [{ id: "a", url: "https://files.example", timeoutMs: 5 }, ["/timeoutMs"]],
    [{ id: "a", url: "https://files.example", limit: { perMinute: 0 } }, ["/limit/perMinute"]],
    [{ id: "a", url: "https://files.example", limit: { perMinute: 1, per: "hour" } }, ["/limit/per"]],
    [{ id: "a", url: "https://files.example", headers: { "Bad Name": "x" } }, ["/headers/Bad Name"]],
    [{ id: "a", url: "https://files.example", headers: { Cookie: "ü" } }, ["/headers/Cookie"]],
    [{ id: "a", url: "https://files.example", headers: { "Mcp-Session-Id": "x" } }, ["/headers/Mcp-Session-Id"]],
    [{ id: "a", url: "https://files.example", headers: { "X-A": "1", "x-a": "2" } }, ["/headers/x-a"]],
  ])("names what is wrong with %j", async (json, paths) => {
    const refused = await ask("/servers", { json });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(paths);
  });

  it("refuses private and link-local addresses unless they are allowed", async () => {
    for (const url of ["https://10.0.0.1/mcp", "https://169.254.169.254/latest", "https://[fd00::1]/mcp"]) {
      expectProblem(await ask("/servers", { json: { id: "inside", url } }), 422, "target_refused");
    }
    const meant = await ask("/servers", { json: { id: "inside", url: "https://10.0.0.1/mcp", allowPrivate: true } });
    expect(meant.status).toBe(201);
  });

  it("keeps ids that are words of JavaScript apart from them", async () => {
    await register({ id: "constructor", url: "https://files.example/mcp" });
    await register({ id: "toString", url: "https://clock.example/mcp" });
    const called = await ask("/call", { json: { tool: "constructor__read" } });
    expect(called.status, called.text).toBe(200);
    expect((await ask("/servers/count")).body).toMatchObject({ total: 2, states: { ready: 2 } });
    expectProblem(await ask("/servers/hasOwnProperty"), 404, "unknown_server");
  });
});

describe("showing", () => {
  it("tells a server's traffic and what its catalog left out", async () => {
    files.tools = [tool("read"), tool("write"), `{"name":"broken"}`];
    await register({ id: "files", url: "https://files.example/mcp" });
    files.tools = [tool("read"), tool("write")];
    const shown = await ask("/servers/files");
    expect(shown.body).toMatchObject({ id: "files", state: "ready", traffic: { calls: 0 } });
    expect(JSON.stringify(shown.body["faults"])).toContain("broken");
  });

  it("names the nearest when there is no such server", async () => {
    await register({ id: "files", url: "https://files.example/mcp" });
    for (const [method, path] of [
      ["GET", "/servers/flies"],
      ["PATCH", "/servers/flies"],
      ["DELETE", "/servers/flies"],
      ["POST", "/servers/flies:check"],
    ] as const) {
      const refused = await ask(path, { method, ...(method === "PATCH" ? { json: {} } : {}) });
      expect(expectProblem(refused, 404, "unknown_server")["nearest"]).toEqual(["files"]);
    }
  });

  it("keeps an address's query from those who may not change servers", async () => {
    await register({ id: "files", url: "https://files.example/mcp?token=abc" });
    const reader = await makeKey({ scopes: ["servers:read"] });
    expect((await ask("/servers/files")).body["url"]).toBe("https://files.example/mcp?token=abc");
    expect((await ask("/servers/files", { key: reader.key })).body["url"]).toBe("https://files.example/mcp");
    expect((await ask("/servers", { key: reader.key })).text).not.toContain("abc");
  });

  it.each(["%", "%zz", "%ff", "%c0%af", "a%00b", "x".repeat(129)])("refuses the path /servers/%s", async (id) => {
    const refused = await ask(`/servers/${id}`);
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(["id"]);
  });
});

describe("changing", () => {
  it("leaves what is not named, and goes back to the default for null", async () => {
    await ask("/servers", {
      json: {
        id: "files",
        url: "https://files.example/mcp",
        title: "Files",
        timeoutMs: 5_000,
        limit: { perMinute: 60 },
        trusted: true,
      },
    });
    const changed = await ask("/servers/files", { method: "PATCH", json: { title: "The files", limit: null } });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toMatchObject({ title: "The files", limit: null, timeoutMs: 5_000, trusted: true });
    const reset = await ask("/servers/files", {
      method: "PATCH",
      json: { title: null, timeoutMs: null, trusted: null },
    });
    expect(reset.body).toMatchObject({ title: null, timeoutMs: 60_000, trusted: false });
  });

  it("replaces headers as a whole", async () => {
    await ask("/servers?wait=ready", {
      json: { id: "files", url: "https://files.example/mcp", headers: { "X-A": "1", "X-B": "2" } },
    });
    const patch = (json: unknown) => ask("/servers/files", { method: "PATCH", json });
    expect((await patch({ title: "t" })).body["headers"]).toEqual(["X-A", "X-B"]);
    expect((await patch({ headers: { "X-C": "3" } })).body["headers"]).toEqual(["X-C"]);
    await ask("/servers/files:check", { method: "POST" });
    expect(files.seen?.get("x-c")).toBe("3");
    expect(files.seen?.has("x-a")).toBe(false);
    expect((await patch({ headers: null })).body["headers"]).toEqual([]);
  });

  it("judges a new address as strictly as at first", async () => {
    await ask("/servers", { json: { id: "files", url: "https://files.example/mcp" } });
    const patch = (json: unknown) => ask("/servers/files", { method: "PATCH", json });
    expectProblem(await patch({ url: "https://10.0.0.1/mcp" }), 422, "target_refused");
    expect((await patch({ url: "https://10.0.0.1/mcp", allowPrivate: true })).status).toBe(200);
    expectProblem(await patch({ allowPrivate: false }), 422, "target_refused");
    const renamed = await patch({ id: "other" });
    expectProblem(renamed, 422, "invalid_fields");
    expect(faultsIn(renamed)).toEqual(["/id"]);
  });

  it("keeps both of two changes made at the same moment", async () => {
    await ask("/servers", { json: { id: "files", url: "https://files.example/mcp" } });
    const patch = (json: unknown) => ask("/servers/files", { method: "PATCH", json });
    const both = await Promise.all([patch({ title: "Files" }), patch({ timeoutMs: 1_000 })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask("/servers/files")).body).toMatchObject({ title: "Files", timeoutMs: 1_000 });
  });
});

describe("checking and deleting", () => {
  it("finds out anew how a server is", async () => {
    await register({ id: "files", url: "https://files.example/mcp" });
    files.failing = 500;
    expect((await ask("/servers/files:check", { method: "POST" })).body).toMatchObject({ id: "files", state: "down" });
    delete files.failing;
    expect((await ask("/servers/files:check", { method: "POST" })).body).toMatchObject({ state: "ready", tools: 2 });
  });

  it("deletes a server with its tools", async () => {
    await register({ id: "files", url: "https://files.example/mcp" });
    const gone = await ask("/servers/files", { method: "DELETE" });
    expect([gone.status, gone.body]).toEqual([200, { id: "files" }]);
    expectProblem(await ask("/servers/files"), 404, "unknown_server");
    expect((await ask("/tools")).body).toEqual({ tools: [] });
    expect((await ask("/servers/count")).body).toMatchObject({ total: 0, states: {} });
  });
});
