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
import { junk, type JsonSchema, type World } from "../support/schema-arbitrary.ts";
import { requestsTo, type KeyKind, type Operation } from "../support/schema-requests.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 20_261_023);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 10_000);

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

let fleet: FleetSimulator;
let gateway: TestGateway;
let document: Document;
let limitedKey: string;
const keyIds: string[] = [];
const targetIds = Array.from({ length: 15 }, (_, n) => `target-${n}`);

beforeAll(async () => {
  fleet = await startFleet({ servers: 3, tools: 4, eras: (n) => (n === 0 ? "modern" : "legacy") });
  gateway = await startGateway({ shards: 2 });
  document = (await gateway.call("/openapi.json")).body as Document;
  for (const n of [0, 1, 2]) {
    await gateway.call("/servers?wait=ready", { method: "POST", body: { id: fleet.id(n), url: fleet.url(n) } });
  }
  for (const target of targetIds) {
    await gateway.call("/alerts/targets", { method: "POST", body: { id: target, url: fleet.url(0) } });
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
  // Server 2 may be named where nothing is changed.
  const readsOnly = path === "/servers/{id}/connect";
  const kept = fc.oneof(fc.constant("sim-2"), id);
  const file = fc.dictionary(fc.oneof(id, fc.string({ maxLength: 50 })), entry, { maxKeys: 3 });
  return {
    schemas: document.components.schemas,
    hints: {
      id: path.startsWith("/keys") ? fc.oneof(fc.constantFrom(...keyIds), id) : readsOnly ? kept : id,
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
      // Nothing that a test would tell may leave this machine.
      ...(path.startsWith("/alerts") && {
        url: fc.constantFrom(...urls),
        kind: fc.constantFrom("webhook", "slack"),
        routingKey: fc.constant(undefined),
      }),
      ...(path.startsWith("/alerts/targets/") && { id: fc.constantFrom(...targetIds, "a", "b") }),
    },
  };
}

function keyHeaders(key: KeyKind): Record<string, string> {
  if (key === "none") return {};
  const secret = key === "limited" ? limitedKey : key === "forged" ? `${gateway.key}x` : gateway.key;
  return { Authorization: `Bearer ${secret}`, ...(key === "twice" ? { "X-Api-Key": secret } : {}) };
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

/** What is wrong with an answer that should be a problem document. */
function problemFaults({ status, headers, body, text }: HttpAnswer): readonly unknown[] {
  const { code, ...problem } = body as { code: string; status: number; requestId: string; type: string };
  const isOne =
    headers["content-type"] === "application/problem+json" &&
    Object.hasOwn(pages, code) &&
    problem.status === status &&
    problem.requestId === headers["x-request-id"] &&
    problem.type === `/docs/errors/${code}`;
  return isOne ? [] : [`${status} is no problem document: ${text}`];
}

it(`answers ${numRuns} requests as its document says (seed ${seed})`, { timeout: 600_000 }, async () => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const one = fc.oneof(
    ...operations.map(({ path, method, operation }) =>
      requestsTo(path, method, operation, worldOf(path)).map((sent) => ({
        sent,
        operation,
        name: `${method} ${path}`,
      })),
    ),
  );
  const seen = new Map<string, Map<number, number>>();
  await fc.assert(
    fc.asyncProperty(one, async ({ sent, operation, name }) => {
      const { path, key, ...rest } = sent;
      const init = { ...rest, headers: { ...rest.headers, ...keyHeaders(key) } };
      const answer = await callHttp(new URL(gateway.url).origin + path, init);
      const { status, headers, text } = answer;
      const statuses = seen.get(name) ?? new Map<number, number>();
      seen.set(name, statuses.set(status, (statuses.get(status) ?? 0) + 1));
      expect(headers["x-request-id"]).toMatch(/^[\w.-]{1,64}$/);
      expect([500, 503].includes(status), `${status} ${text}`).toBe(false);
      const isHead = init.method === "HEAD";
      expect(isHead ? text : "").toBe("");
      expect(isHead || status < 400 ? [] : problemFaults(answer)).toEqual([]);
      expect(status < 400 && isFor(name, init.method, path) ? misfit(operation, answer) : []).toEqual([]);
    }),
    { numRuns, seed },
  );
  const table = [...seen].map(
    ([name, statuses]) => `${name}: ${[...statuses].map(([status, count]) => `${status}×${count}`).join(" ")}`,
  );
  console.log(`fuzz: seed ${seed}, ${numRuns} requests\n${table.join("\n")}`);
  // It is only worth something when every route was also met with what it takes; of a WebSocket's, all but the upgrade.
  for (const [name, statuses] of seen)
    expect([name, [...statuses.keys()].some((status) => status < 300 || status === 426)]).toEqual([name, true]);
  expect(seen.size).toBe(operations.length);
});
