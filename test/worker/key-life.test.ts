import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, connectTo, expectProblem, faultsIn, makeKey, passTime, register, tool, type FakeServer } from "./door.ts";

const files: FakeServer = { host: "files.example", tools: [tool("read"), tool("write")] };

beforeEach(async () => {
  connectTo(files);
  await register({ id: "files", url: "https://files.example/mcp" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await ask("/servers/files", { method: "DELETE" });
});

const call = (key: string, name = "files__read") => ask("/call", { key, json: { tool: name } });

/** Longer than any lease: what was decided before holds everywhere now. */
const letLeasesEnd = () => passTime(2_001);

describe("a key's end", () => {
  it("is over when it expires", async () => {
    const { id, key } = await makeKey({
      scopes: ["tools:call"],
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    });
    expect((await call(key)).status).toBe(200);
    passTime(60_001);
    expectProblem(await call(key), 401, "key_expired");
    expect((await ask(`/keys/${id}`)).body["state"]).toBe("expired");
  });

  it("is over everywhere within a lease's life when it is revoked, for good", async () => {
    const { id, key } = await makeKey({ scopes: ["tools:call"] });
    expect((await call(key)).status).toBe(200);
    const gone = await ask(`/keys/${id}`, { method: "DELETE" });
    expect(gone.status).toBe(200);
    expect(gone.body["id"]).toBe(id);
    letLeasesEnd();
    const refused = await call(key);
    expectProblem(refused, 401, "key_revoked");
    expect(refused.headers.get("www-authenticate")).toContain("invalid_token");
    const again = await ask(`/keys/${id}`, { method: "DELETE" });
    expect([again.status, again.body]).toEqual([200, gone.body]);
    expectProblem(await ask(`/keys/${id}`, { method: "PATCH", json: { name: "back" } }), 409, "conflict");
    expectProblem(await ask(`/keys/${id}:rotate`, { method: "POST" }), 409, "conflict");
    expect((await ask(`/keys/${id}`)).body).toMatchObject({ state: "revoked", revokedAt: gone.body["revokedAt"] });
  });

  it("stays revoked when someone rotates or changes it at the same moment", async () => {
    const { id } = await makeKey({ scopes: ["tools:call"] });
    await Promise.all([
      ask(`/keys/${id}:rotate`, { method: "POST", json: {} }),
      ask(`/keys/${id}`, { method: "DELETE" }),
      ask(`/keys/${id}`, { method: "PATCH", json: { name: "new" } }),
      ask(`/keys/${id}:rotate`, { method: "POST", json: {} }),
    ]);
    expect((await ask(`/keys/${id}`)).body["state"]).toBe("revoked");
  });
});

describe("rotating", () => {
  const rotate = (id: string, json?: object) =>
    ask(`/keys/${id}:rotate`, { method: "POST", ...(json ? { json } : {}) });

  it("makes a new secret while the old one goes on for the overlap", async () => {
    const old = await makeKey({ scopes: ["tools:call"] });
    const rotated = await rotate(old.id, { overlapSeconds: 60 });
    expect(rotated.status).toBe(200);
    const { key } = rotated.body as { key: string };
    expect(rotated.body).toMatchObject({ id: old.id, secrets: [{ endsAt: null }, { endsAt: expect.any(String) }] });
    expect((await call(key)).status).toBe(200);
    expect((await call(old.key)).status).toBe(200);
    passTime(60_001);
    expect((await call(key)).status).toBe(200);
    const ended = await call(old.key);
    expect(ended.status).toBe(401);
    expect((await ask(`/keys/${old.id}`)).body["secrets"]).toHaveLength(1);
  });

  it("overlaps for a day when nothing is said", async () => {
    const old = await makeKey({ scopes: ["tools:call"] });
    const { secrets } = (await rotate(old.id)).body as { secrets: { createdAt: string; endsAt: string | null }[] };
    const [fresh, ending] = secrets;
    expect(Date.parse(ending?.endsAt ?? "") - Date.parse(fresh?.createdAt ?? "")).toBe(86_400_000);
  });

  it("ends the old secret at once when asked to", async () => {
    const old = await makeKey({ scopes: ["tools:call"] });
    const { key } = (await rotate(old.id, { overlapSeconds: 0 })).body as { key: string };
    letLeasesEnd();
    expect((await call(old.key)).status).toBe(401);
    expect((await call(key)).status).toBe(200);
  });

  it("keeps at most two secrets", async () => {
    const first = await makeKey({ scopes: ["tools:call"] });
    const second = (await rotate(first.id)).body as { key: string };
    const third = (await rotate(first.id)).body as { key: string };
    letLeasesEnd();
    expect((await call(first.key)).status).toBe(401);
    expect((await call(second.key)).status).toBe(200);
    expect((await call(third.key)).status).toBe(200);
  });

  it("loses no secret that it gave out when two rotate at the same moment", async () => {
    const { id } = await makeKey({ scopes: ["tools:call"] });
    const rotated = await Promise.all([rotate(id), rotate(id)]);
    letLeasesEnd();
    for (const { status, body } of rotated) {
      expect(status).toBe(200);
      expect((await call((body as { key: string }).key)).status).toBe(200);
    }
  });

  it.each([{ overlapSeconds: -1 }, { overlapSeconds: 1.5 }, { overlapSeconds: 2_592_001 }, { overlap: 1 }])(
    "refuses %j",
    async (json) => {
      const { id } = await makeKey({ scopes: ["tools:call"] });
      const refused = await rotate(id, json);
      expectProblem(refused, 422, "invalid_fields");
      expect(faultsIn(refused)).toEqual([`/${Object.keys(json)[0]}`]);
    },
  );
});
