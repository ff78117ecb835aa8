import { afterEach, describe, expect, it } from "vitest";
import { ask, expectProblem, faultsIn, makeKey, pagesOf } from "./door.ts";
import { change, make, unmake } from "./toolset-kit.ts";

afterEach(unmake);

describe("creating", () => {
  it("needs an id and nothing else: such a toolset is everything", async () => {
    const answer = await ask("/toolsets", { json: { id: "all" } });
    expect([answer.status, answer.headers.get("location")]).toEqual([201, "/toolsets/all"]);
    expect(answer.body).toEqual({
      id: "all",
      title: null,
      description: null,
      instructions: null,
      servers: null,
      tools: null,
      prompts: null,
      resources: null,
      overrides: {},
      naming: "always",
      createdAt: expect.any(String),
      updatedAt: answer.body["createdAt"],
    });
    expect((await ask("/toolsets/all")).body).toEqual(answer.body);
    expect((await ask("/toolsets/all", { method: "DELETE" })).body).toEqual({ id: "all" });
  });

  it("keeps all that is said", async () => {
    const said = {
      title: "Research",
      description: "For papers.",
      instructions: "Search first.",
      servers: ["files"],
      tools: { allow: ["files__*"], deny: ["*write*"] },
      prompts: { deny: ["*"] },
      resources: { allow: ["file:///papers/*?v=1"] },
      overrides: {
        files__read: {
          name: "open",
          title: "Open",
          description: "Opens a paper.",
          fixedArguments: { root: { path: "/papers", depth: 1.5, tags: [null, true] }, none: null },
          hiddenArguments: ["debug"],
        },
      },
      naming: "never",
    };
    expect(await make("research", said)).toMatchObject(said);
    expect((await ask("/toolsets/research")).body).toMatchObject(said);
  });

  it("takes no id twice, whatever its case", async () => {
    await make("research");
    expectProblem(await ask("/toolsets", { json: { id: "Research" } }), 409, "already_exists");
  });

  const override = (fields: object) => ({ overrides: { a__b: fields } });
  it.each([
    [{ id: "a__b" }, ["/id"]],
    [{ servers: ["a__b"] }, ["/servers/0"]],
    [{ tools: ["x"] }, ["/tools"]],
    [{ tools: { allow: ["sp ace"] } }, ["/tools/allow/0"]],
    [{ tools: { only: [] } }, ["/tools/only"]],
    [{ resources: { deny: ["a\nb"] } }, ["/resources/deny/0"]],
    [{ naming: "sometimes" }, ["/naming"]],
    [{ title: null }, ["/title"]],
    [{ overrides: { read: {} } }, ["/overrides/read"]],
    [override({ name: "dotted.name" }), ["/overrides/a__b/name"]],
    [override({ name: "x".repeat(65) }), ["/overrides/a__b/name"]],
    [override({ nme: "x" }), ["/overrides/a__b/nme"]],
    [override({ fixedArguments: { id: 2 ** 53 } }), ["/overrides/a__b/fixedArguments/id"]],
    [override({ fixedArguments: { x: 1 }, hiddenArguments: ["x"] }), ["/overrides/a__b/fixedArguments/x"]],
    [{ overrides: { a__b: { name: "x" }, a__c: { name: "x" } } }, ["/overrides/a__c/name"]],
    [{ createdAt: "2026-01-01T00:00:00Z" }, ["/createdAt"]],
  ])("names what is wrong with %j", async (json, paths) => {
    const refused = await ask("/toolsets", { json: { id: "wrong", ...json } });
    expectProblem(refused, 422, "invalid_fields");
    expect(faultsIn(refused)).toEqual(paths);
  });

  it("has a limit for the whole, which is less than its parts could have", async () => {
    const words = Array.from({ length: 80 }, (_, i) => [`a__t${i}`, { description: "x".repeat(4_000) }] as const);
    const refused = await ask("/toolsets", { json: { id: "big", overrides: Object.fromEntries(words) } });
    expect(expectProblem(refused, 422, "invalid_fields")["detail"]).toContain("262144 bytes");
    await make("big", { overrides: Object.fromEntries(words.slice(0, 60)) });
  });
});

describe("changing", () => {
  it("is a merge patch: what is left out stays, null removes, lists are replaced", async () => {
    const before = await make("t", {
      title: "T",
      servers: ["files", "memory"],
      tools: { allow: ["files__*"], deny: ["*write"] },
      overrides: {
        files__read: { name: "open", fixedArguments: { root: "/a", deep: { x: 1, y: 2 } } },
        memory__read: {},
      },
      naming: "never",
    });
    const changed = await change("t", {
      title: null,
      servers: ["memory"],
      tools: { allow: null },
      overrides: {
        files__read: { title: "Open", fixedArguments: { root: null, deep: { x: 3 } } },
        memory__read: null,
        memory__forget: { hiddenArguments: ["all"] },
      },
    });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).toEqual({
      ...before,
      title: null,
      servers: ["memory"],
      tools: { deny: ["*write"] },
      overrides: {
        files__read: { name: "open", title: "Open", fixedArguments: { deep: { x: 3, y: 2 } } },
        memory__forget: { hiddenArguments: ["all"] },
      },
      updatedAt: expect.any(String),
    });
    const bare = { naming: null, tools: null, overrides: null, servers: null };
    expect((await change("t", bare)).body).toMatchObject({
      naming: "always",
      tools: null,
      overrides: {},
      servers: null,
    });
  });

  it("judges the outcome as a whole, and leaves the toolset as it was when that is wrong", async () => {
    const before = await make("t", { overrides: { a__b: { name: "x", fixedArguments: { y: 1 } }, a__c: {} } });
    for (const [json, path] of [
      [{ overrides: { a__c: { name: "x" } } }, "/overrides/a__c/name"],
      [{ overrides: { a__b: { hiddenArguments: ["y"] } } }, "/overrides/a__b/fixedArguments/y"],
      [{ id: "u" }, "/id"],
      [{ servers: null, naming: 5 }, "/naming"],
    ] as const) {
      const refused = await change("t", json);
      expectProblem(refused, 422, "invalid_fields");
      expect(faultsIn(refused)).toEqual([path]);
    }
    expect((await ask("/toolsets/t")).body).toEqual(before);
  });

  it("keeps both of two changes made at the same moment", async () => {
    await make("t");
    await Promise.all([change("t", { title: "one" }), change("t", { instructions: "two" })]);
    expect((await ask("/toolsets/t")).body).toMatchObject({ title: "one", instructions: "two" });
  });

  it.each(["GET", "PATCH", "DELETE"])(
    "says when there is no such toolset to %s, and names the nearest",
    async (method) => {
      await make("research");
      const refused = await ask("/toolsets/reserch", { method, ...(method === "PATCH" ? { json: {} } : {}) });
      expect(expectProblem(refused, 404, "unknown_toolset")["nearest"]).toEqual(["research"]);
    },
  );
});

describe("listing", () => {
  it("goes page by page, each toolset once, by id", async () => {
    for (const id of ["c", "a", "b"]) await make(id);
    const pages = await pagesOf("/toolsets?limit=2");
    const ids = pages.map(({ body }) => (body["toolsets"] as { id: string }[]).map(({ id }) => id));
    expect(ids).toEqual([["a", "b"], ["c"]]);
  });
});

describe("scopes", () => {
  it("lets readers read and writers write", async () => {
    await make("t");
    const reader = await makeKey({ scopes: ["servers:read"] });
    const writer = await makeKey({ scopes: ["toolsets:write"] });
    for (const path of ["/toolsets", "/toolsets/t", "/toolsets/t/tools"]) {
      expect((await ask(path, { key: reader.key })).status).toBe(200);
      expect(expectProblem(await ask(path, { key: writer.key }), 403, "scope_missing")["scope"]).toBe("servers:read");
    }
    for (const [method, path, json] of [
      ["POST", "/toolsets", { id: "u" }],
      ["PATCH", "/toolsets/u", { title: "U" }],
      ["DELETE", "/toolsets/u", undefined],
    ] as const) {
      const asked = { method, ...(json ? { json } : {}) };
      const refused = await ask(path, { ...asked, key: reader.key });
      expect(expectProblem(refused, 403, "scope_missing")["scope"]).toBe("toolsets:write");
      expect((await ask(path, { ...asked, key: writer.key })).status).toBeLessThan(300);
    }
  });

  it("shows fixed arguments by name only to those who may not change them, and the audit trail quotes none", async () => {
    const fixedArguments = { token: "hush", deep: { er: "hush" } };
    await make("t", { overrides: { files__read: { fixedArguments } } });
    await change("t", { overrides: { files__read: { fixedArguments: { token: "hush again" } } } });
    const { key } = await makeKey({ scopes: ["servers:read", "audit:read"] });
    for (const path of ["/toolsets", "/toolsets/t", "/toolsets/t/tools", "/audit?limit=5"]) {
      expect((await ask(path, { key })).text).not.toContain("hush");
    }
    expect((await ask("/toolsets/t", { key })).body["overrides"]).toEqual({
      files__read: { fixedArguments: { token: null, deep: null } },
    });
  });
});

describe("a key's own toolset", () => {
  it("is shown with the key, changed with it, and must be there", async () => {
    await make("research");
    const { id } = await makeKey({ scopes: ["tools:call"], toolset: "research" });
    expect((await ask(`/keys/${id}`)).body["toolset"]).toBe("research");

    for (const refused of [
      await ask("/keys", { json: { name: "test", scopes: [], toolset: "reserch" } }),
      await ask(`/keys/${id}`, { method: "PATCH", json: { toolset: "reserch" } }),
    ]) {
      expect(expectProblem(refused, 422, "invalid_fields")["detail"]).toContain("research");
      expect(faultsIn(refused)).toEqual(["/toolset"]);
    }
    const renamed = await ask(`/keys/${id}`, { method: "PATCH", json: { name: "other" } });
    expect(renamed.body["toolset"]).toBe("research");

    const held = await ask("/toolsets/research", { method: "DELETE" });
    expect(expectProblem(held, 409, "conflict")["detail"]).toContain(id);
    expect((await ask(`/keys/${id}`, { method: "PATCH", json: { toolset: null } })).body["toolset"]).toBeNull();
    expect((await ask("/toolsets/research", { method: "DELETE" })).body).toEqual({ id: "research" });
  });
});
