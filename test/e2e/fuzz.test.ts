/**
 * Every route of the OpenAPI document, asked 10,000 times with what fits its schemas and what nearly does. Whatever comes
 * in, nothing is a 500, every error is a problem document, and what succeeds fits the schema that promised it.
 * `FUZZ_SEED=<seed>` repeats a run, `FUZZ_RUNS=<n>` makes it longer.
 */
import { Validator, type Schema } from "@cfworker/json-schema";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pages } from "../../worker/render/pages/index.ts";
import { callHttp, type HttpAnswer } from "../support/call-http.ts";
import { startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { junk, textOf, valueFor, type JsonSchema, type World } from "../support/schema-arbitrary.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 20_261_023);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 10_000);

interface Operation {
  readonly parameters: readonly { name: string; in: string; schema: JsonSchema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, { schema: JsonSchema }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

let fleet: FleetSimulator;
let gateway: TestGateway;
let document: Document;
let limitedKey: string;
const keyIds: string[] = [];

beforeAll(async () => {
  fleet = await startFleet({ servers: 3, tools: 4, eras: (n) => (n === 0 ? "modern" : "legacy") });
  gateway = await startGateway({ shards: 2 });
  document = (await gateway.call("/openapi.json")).body as Document;
  for (const n of [0, 1, 2]) {
    await gateway.call("/servers?wait=ready", { method: "POST", body: { id: fleet.id(n), url: fleet.url(n) } });
  }
  for (let n = 0; n < 40; n += 1) {
    const made = await gateway.call("/keys", { method: "POST", body: { name: "limited", scopes: ["tools:call"] } });
    const { id, key } = made.body as { id: string; key: string };
    if (n === 0) limitedKey = key;
    else keyIds.push(id);
  }
});

afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
  await cleanUp();
});

/** Server 2 is for calls: no request names it elsewhere, so it is still there at the end. */
function worldOf(path: string): World {
  const urls = [
    fleet.url(0),
    fleet.url(1),
    fleet.url(2),
    `http://127.0.0.1:${fleet.port}/none`,
    "http://127.0.0.1:1/mcp",
  ];
  const url = fc.constantFrom(
    ...urls,
    "http://[::1]:9/",
    "https://10.0.0.1/mcp",
    "ftp://127.0.0.1/",
    "http://",
    "nonsense",
  );
  const id = fc.constantFrom(
    "sim-0",
    "sim-1",
    "a",
    "b",
    "Constructor",
    "toString",
    "a__b",
    "count",
    "x".repeat(40),
    "1",
  );
  const entry = fc.oneof(
    fc.record({ url, headers: fc.constantFrom({}, { "X-A": "1" }, { "X-A": "${SECRET}" }) }),
    fc.record({ command: fc.string(), args: fc.array(fc.string(), { maxLength: 2 }) }),
    fc.record({ serverUrl: url, type: fc.constantFrom("sse", "http", "ws") }),
    junk,
  );
  const file = fc.dictionary(fc.oneof(id, fc.string({ maxLength: 50 })), entry, { maxKeys: 3 });
  return {
    schemas: document.components.schemas,
    hints: {
      id: path.startsWith("/keys") ? fc.oneof(fc.constantFrom(...keyIds), id) : id,
      url,
      server: fc.constantFrom("sim-2", "nothing"),
      count: fc.constantFrom(1, 2, 3, 4, 0, 257),
      shard: fc.constantFrom("1", "2", "9", "one"),
      tool: fc.constantFrom("sim-2__echo", "sim-2__tool-1", "echo", "tool-2", "sim-2__nothing", "nothing__echo", "__"),
      code: fc.constantFrom(...Object.keys(pages), "nothing"),
      cursor: fc.constantFrom("v1.k1.AAAA.BBBB", "v1", "x"),
      "X-Timeout-Ms": fc.constantFrom("1000", "0", "-1", "1e9", "soon"),
      timeoutMs: fc.constantFrom(1_000, 2_000),
      mcpServers: file,
      servers: fc.oneof(file, fc.array(junk, { maxLength: 2 })),
    },
  };
}

/** Bodies are spoilt as text, too: cut off, doubled, nested, with something in the middle. */
function spoilt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 16, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(60)).map(([body, at]) => body.slice(0, at)) },
    { weight: 1, arbitrary: text.map((body) => body + body) },
    { weight: 1, arbitrary: text.map((body) => `${"[".repeat(70)}${body}${"]".repeat(70)}`) },
    { weight: 1, arbitrary: text.map((body) => body.replace("{", `{"a":1,"a":2,`)) },
    { weight: 1, arbitrary: text.map((body) => body.replace("{", `{"__proto__":{},`)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(text, fc.string({ unit: "binary" }), fc.nat(60))
        .map(([body, odd, at]) => body.slice(0, at) + odd + body.slice(at)),
    },
  );
}

/** What may stand in a request line: the rest no client could send. */
function sendable(text: string): string {
  return text
    .replaceAll(/[^\x21-\x7e]/g, (unit) => encodeURIComponent(unit.isWellFormed() ? unit : "?"))
    .replaceAll("#", "%23");
}

function requestsOf(path: string, method: string, operation: Operation, world: World): fc.Arbitrary<Sent> {
  const text = (schema: JsonSchema, name: string) => valueFor(schema, world, name).map(textOf);
  const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
  const inQuery = operation.parameters.filter((parameter) => parameter.in === "query");
  const inHeader = operation.parameters.filter((parameter) => parameter.in === "header");
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema ? spoilt(valueFor(schema, world).map((value) => JSON.stringify(value))) : fc.constant(undefined);
  const some = (parameters: typeof inQuery) =>
    fc.tuple(
      ...parameters.map(({ name, schema: of }) =>
        fc.option(text(of, name), { freq: 2 }).map((value) => [name, value] as const),
      ),
    );
  return fc
    .record({
      method: fc.oneof(
        { weight: 30, arbitrary: fc.constant(method.toUpperCase()) },
        { weight: 1, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") },
      ),
      words: fc.tuple(...inPath.map(({ name, schema: of }) => text(of, name))),
      raw: fc.boolean(),
      query: some(inQuery),
      extra: fc.oneof(
        { weight: 20, arbitrary: fc.constant("") },
        { weight: 1, arbitrary: fc.constantFrom("limit=1&limit=2", "__proto__=1", "q=%ff", "x", "key=1") },
      ),
      named: some(inHeader),
      key: fc.oneof(
        { weight: 24, arbitrary: fc.constant("whole") },
        { weight: 1, arbitrary: fc.constantFrom("none", "limited", "forged", "twice") },
      ),
      type: fc.oneof(
        { weight: 24, arbitrary: fc.constant("application/json") },
        { weight: 1, arbitrary: fc.constantFrom("text/plain", "application/json; charset=utf-8", "a/b+json", "") },
      ),
      body,
    })
    .map(({ method: verb, words, raw, query, extra, named, key, type, body: content }) => {
      const filled = inPath.reduce(
        (whole, { name }, index) =>
          whole.replace(`{${name}}`, () => (raw ? (words[index] ?? "") : encodeSafely(words[index] ?? ""))),
        path,
      );
      const asked = [
        ...query.flatMap(([name, value]) => (value === null ? [] : [`${name}=${encodeSafely(value)}`])),
        ...(extra === "" ? [] : [extra]),
      ];
      const withBody = content !== undefined && verb !== "GET" && verb !== "HEAD";
      return {
        method: verb,
        path: sendable(filled) + (asked.length > 0 ? `?${asked.join("&")}` : ""),
        headers: {
          ...keyHeaders(key),
          ...(withBody ? { "Content-Type": type } : {}),
          ...Object.fromEntries(
            named.flatMap(([name, value]) =>
              value === null ? [] : [[name, value.replaceAll(/[^\x20-\x7e]/g, "?").trim()]],
            ),
          ),
        },
        ...(withBody ? { body: content } : {}),
      };
    });
}

function keyHeaders(key: string): Record<string, string> {
  if (key === "none") return {};
  const secret = key === "limited" ? limitedKey : key === "forged" ? `${gateway.key}x` : gateway.key;
  return { Authorization: `Bearer ${secret}`, ...(key === "twice" ? { "X-Api-Key": secret } : {}) };
}

function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const validators = new Map<JsonSchema, Validator>();

/** What the document says of a 2xx, checked against what came. */
function misfit(operation: Operation, { status, body, text }: HttpAnswer): readonly unknown[] {
  const content = operation.responses[status]?.content;
  if (!content) return [`status ${status} is not in the document`];
  const schema = content["application/json"]?.schema;
  if (!schema || text === "") return [];
  const validator =
    validators.get(schema) ??
    new Validator({ ...schema, components: document.components } as unknown as Schema, "2020-12");
  validators.set(schema, validator);
  return validator.validate(body).errors;
}

/** Whether it is still this route that is asked: a path made of odd words can be another's. */
function isFor(name: string, method: string, path: string): boolean {
  const { pathname } = new URL(path, gateway.url);
  const [verb = "", template = ""] = name.split(" ");
  const pattern = template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/:]+");
  const isOther = template === "/servers/{id}" && pathname === "/servers/count";
  return verb.toUpperCase() === method && new RegExp(`^${pattern}$`).test(pathname) && !isOther;
}

function expectProblem({ status, headers, body, text }: HttpAnswer): void {
  expect(headers["content-type"], text).toBe("application/problem+json");
  const problem = body as { code: string; status: number; requestId: string; type: string };
  expect(Object.keys(pages)).toContain(problem.code);
  expect(problem.status).toBe(status);
  expect(problem.requestId).toBe(headers["x-request-id"]);
  expect(problem.type).toBe(`/docs/errors/${problem.code}`);
}

it(`answers ${numRuns} requests as its document says (seed ${seed})`, { timeout: 600_000 }, async () => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const one = fc.oneof(
    ...operations.map(({ path, method, operation }) =>
      requestsOf(path, method, operation, worldOf(path)).map((sent) => ({
        sent,
        operation,
        name: `${method} ${path}`,
      })),
    ),
  );
  const seen = new Map<string, Map<number, number>>();
  await fc.assert(
    fc.asyncProperty(one, async ({ sent, operation, name }) => {
      const { path, ...init } = sent;
      const answer = await callHttp(new URL(gateway.url).origin + path, init);
      const { status, headers, text } = answer;
      const statuses = seen.get(name) ?? new Map<number, number>();
      seen.set(name, statuses.set(status, (statuses.get(status) ?? 0) + 1));
      expect(headers["x-request-id"]).toMatch(/^[\w.-]{1,64}$/);
      expect([500, 503].includes(status), `${status} ${text}`).toBe(false);
      if (init.method === "HEAD") expect(text).toBe("");
      else if (status >= 400) expectProblem(answer);
      else if (isFor(name, init.method, path)) expect(misfit(operation, answer)).toEqual([]);
    }),
    { numRuns, seed },
  );
  const table = [...seen].map(
    ([name, statuses]) => `${name}: ${[...statuses].map(([status, count]) => `${status}×${count}`).join(" ")}`,
  );
  console.log(`fuzz: seed ${seed}, ${numRuns} requests\n${table.join("\n")}`);
  // It is only worth something when every route was also met with what it takes.
  for (const [name, statuses] of seen)
    expect([name, [...statuses.keys()].some((status) => status < 300)]).toEqual([name, true]);
  expect(seen.size).toBe(operations.length);
});
