import { beforeAll, describe, expect, it } from "vitest";
import { Validator, type Schema } from "@cfworker/json-schema";
import { pages } from "../../worker/render/pages/index.ts";
import { app } from "../../worker/app.ts";
import { ask, expectProblem } from "./door.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly "x-required-scope"?: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: { content: Content };
  readonly responses: Readonly<Record<string, { description: string; content: Content }>>;
}

type Content = Readonly<Record<string, { schema: Schema; example?: unknown }>>;

interface Document {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
  readonly security: readonly object[];
  readonly tags: readonly { name: string }[];
}

let document: Document;
let operations: { path: string; method: string; operation: Operation }[];

beforeAll(async () => {
  document = (await ask("/openapi.json", { key: null })).body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
});

describe("the document", () => {
  it("is OpenAPI 3.1, open to everyone, and has what the specification asks for", async () => {
    const { headers } = await ask("/openapi.json", { key: null });
    expect(headers.get("content-type")).toContain("application/json");
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "Patchbay", version: expect.any(String) });
    expect(Object.keys(document.components.securitySchemes)).toEqual(["bearer", "apiKey"]);
    expect(document.security).toEqual([{ bearer: [] }, { apiKey: [] }]);
  });

  it("names every route that is built, as it is written in an address", () => {
    const built = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(
        ({ method, path }) =>
          `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]*?\+(:\w+)?\})?/g, "{$1}$2").replace(/(\/\w+)\{(\w+)\}/, "$1:$2")}`,
      );
    const told = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(told.toSorted()).toEqual([...new Set(built)].toSorted());
    expect(told).toContain("POST /servers/{id}:check");
    expect(told).toContain("POST /keys/{id}:rotate");
    expect(told).toContain("POST /servers:import");
    expect(told).toContain("GET /servers:export");
    expect(told).toContain("GET /openapi.json");
  });

  it("gives every operation a name of its own, a known tag, words, and its answers", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z0-9]+$/);
    const tags = document.tags.map(({ name }) => name);
    for (const { operation } of operations) {
      expect(operation.summary).not.toBe("");
      expect(tags).toContain(operation.tags[0]);
      const [success] = Object.keys(operation.responses);
      expect(success).toMatch(/^(?:101|20[01])$/);
      expect(operation.responses["default"]?.content["application/problem+json"]?.schema).toEqual({
        $ref: "#/components/schemas/Problem",
      });
      for (const answer of Object.values(operation.responses)) expect(answer.description).not.toBe("");
    }
  });

  it("declares exactly the parameters that stand in each path, and each parameter once", () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = operation.parameters.filter((parameter) => parameter.in === "path");
      expect(declared.map(({ name }) => name)).toEqual(inPath);
      for (const { required } of declared) expect(required).toBe(true);
      const all = operation.parameters.map(({ name, in: place }) => `${place} ${name}`);
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it("has no reference that leads nowhere, and no schema that nobody uses", () => {
    const used = new Set([...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = ""]) => ref));
    const here = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...used].toSorted()).toEqual(here.toSorted());
  });

  it("says which scope each route needs, or that it is open", async () => {
    for (const { path, method, operation } of operations) {
      const open = operation.security?.length === 0;
      expect([path, method, operation["x-required-scope"] === undefined]).toEqual([path, method, open]);
      const answer = await ask(path, { method: method.toUpperCase(), key: null });
      expect([path, method, answer.status === 401]).toEqual([path, method, !open]);
    }
  });

  it("holds examples that fit their schemas", () => {
    let examples = 0;
    for (const { path, method, operation } of operations) {
      const contents = [
        operation.requestBody?.content,
        ...Object.values(operation.responses).map(({ content }) => content),
      ];
      for (const content of contents) {
        const { schema, example } = content?.["application/json"] ?? {};
        if (schema === undefined || example === undefined) continue;
        examples += 1;
        const whole = { ...schema, components: document.components } as Schema;
        const { errors } = new Validator(whole, "2020-12").validate(example);
        expect([method, path, errors]).toEqual([method, path, []]);
      }
    }
    expect(examples).toBeGreaterThan(30);
  });

  it("refuses unknown fields in every body that it describes, but for files of other programs", () => {
    for (const { path, operation } of operations) {
      const { schema } = operation.requestBody?.content["application/json"] ?? {};
      if (schema === undefined || path === "/servers:import") continue;
      const name = String((schema as { $ref?: string }).$ref).replace("#/components/schemas/", "");
      expect([path, document.components.schemas[name]?.additionalProperties]).toEqual([path, false]);
    }
  });
});

describe("answers", () => {
  it("fit the schemas of the document", async () => {
    const made = await ask("/keys", { json: { name: "ci", scopes: ["tools:call"] } });
    const { id } = made.body as { id: string };
    await ask("/servers", { json: { id: "shown", url: "https://shown.example/mcp", limit: { perMinute: 5 } } });
    const paths = new Map([
      ["/servers/{id}", "/servers/shown"],
      ["/keys/{id}", `/keys/${id}`],
      ["/shards/{shard}", "/shards/1"],
    ]);
    let checked = 0;
    for (const { path, method, operation } of operations) {
      const schema = operation.responses["200"]?.content["application/json"]?.schema;
      const address = paths.get(path) ?? path;
      if (method !== "get" || schema === undefined || address.includes("{")) continue;
      const { status, body } = await ask(address);
      expect([path, status]).toEqual([path, 200]);
      const whole = { ...schema, components: document.components } as Schema;
      expect([path, new Validator(whole, "2020-12").validate(body).errors]).toEqual([path, []]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(12);
    await ask("/servers/shown", { method: "DELETE" });
  });
});

describe("the pages", () => {
  it("tell of every route and every error, without a script or a foreign address", async () => {
    const page = await ask("/docs", { key: null });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    for (const { operation } of operations) expect(page.text).toContain(`id="${operation.operationId}"`);
    for (const code of Object.keys(pages)) expect(page.text).toContain(`href="/docs/errors/${code}"`);
    expect(page.text).not.toMatch(/<script|<img|<link|\son\w+=|src=|url\(/);
    const anchors = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    for (const anchor of anchors) expect(page.text).toContain(`id="${anchor}"`);
  });

  it("shows commands for the address that it was asked at", async () => {
    const { text } = await ask("/docs", { key: null, origin: "https://127.0.0.1:8443" });
    expect(text).toContain("curl -s https://127.0.0.1:8443/call");
  });

  it("explains every code", async () => {
    for (const [code, { title }] of Object.entries(pages)) {
      const { status, text } = await ask(`/docs/errors/${code}`, { key: null });
      expect([code, status]).toEqual([code, 200]);
      expect(text).toContain(title.replaceAll("'", "&#39;"));
    }
  });

  it("names the nearest code when there is no such page", async () => {
    const refused = await ask("/docs/errors/rate_limitd", { key: null });
    expect(expectProblem(refused, 404, "unknown_route")["nearest"]).toEqual(["/docs/errors/rate_limited"]);
  });
});
