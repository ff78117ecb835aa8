/** Requests to a route of an OpenAPI document: most of them as it asks, some off in a word, a key, a type or the text of the body. */
import fc from "fast-check";
import { textOf, valueFor, type JsonSchema, type World } from "./schema-arbitrary.ts";

export interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export type KeyKind = "whole" | "none" | "limited" | "forged" | "twice";

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly key: KeyKind;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const strayQueries = ["limit=1&limit=2", "__proto__=1", "q=%ff", "x", "key=1"];
const otherKeys = ["none", "limited", "forged", "twice"] as const satisfies readonly KeyKind[];
const otherTypes = ["text/plain", "application/json; charset=utf-8", "a/b+json", ""];

export function requestsTo(path: string, method: string, operation: Operation, world: World): fc.Arbitrary<Request> {
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema ? spoilt(valueFor(schema, world).map((value) => JSON.stringify(value))) : fc.constant(undefined);
  return fc
    .record({
      method: mostly(method.toUpperCase(), methods, 30),
      path: pathsOf(path, namedIn(operation, "path"), world),
      query: fc.tuple(someOf(namedIn(operation, "query"), world), mostly("", strayQueries, 20)),
      named: someOf(namedIn(operation, "header"), world),
      key: mostly<KeyKind>("whole", otherKeys, 24),
      type: mostly("application/json", otherTypes, 24),
      body,
    })
    .map(({ query: [known, stray], named, type, body: text, ...rest }) => {
      const query = [...known.map(([name, value]) => `${name}=${encodeSafely(value)}`), stray].filter(
        (part) => part !== "",
      );
      const withBody = text !== undefined && rest.method !== "GET" && rest.method !== "HEAD";
      const headers = named.map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, "?").trim()] as const);
      return {
        method: rest.method,
        path: rest.path + (query.length > 0 ? `?${query.join("&")}` : ""),
        key: rest.key,
        headers: { ...Object.fromEntries(headers), ...(withBody ? { "Content-Type": type } : {}) },
        ...(withBody ? { body: text } : {}),
      };
    });
}

function mostly<T>(usual: T, others: readonly T[], weight: number): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

function namedIn({ parameters }: Operation, place: string): readonly Parameter[] {
  return parameters.filter((parameter) => parameter.in === place);
}

/** Each parameter is there about every other time. */
function someOf(parameters: readonly Parameter[], world: World): fc.Arbitrary<(readonly [string, string])[]> {
  const each = parameters.map(({ name, schema }) =>
    fc.option(valueFor(schema, world, name).map(textOf), { freq: 2 }).map((value) => [name, value] as const),
  );
  return fc
    .tuple(...each)
    .map((all) => all.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

/** The words in a path are escaped as they should be, or not at all. */
function pathsOf(path: string, parameters: readonly Parameter[], world: World): fc.Arbitrary<string> {
  const words = parameters.map(({ name, schema }) => valueFor(schema, world, name).map(textOf));
  return fc.tuple(fc.boolean(), ...words).map(([raw, ...given]) => {
    const filled = parameters.reduce((whole, { name }, index) => {
      const word = given[index] ?? "";
      return whole.replace(`{${name}}`, () => (raw ? word : encodeSafely(word)));
    }, path);
    return sendable(filled);
  });
}

/** Bodies are spoilt as text, too: cut off, doubled, nested, with something in the middle. */
function spoilt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const odd = fc.string({ unit: "binary" });
  const ways = [
    fc.tuple(text, fc.nat(60)).map(([body, at]) => body.slice(0, at)),
    fc.tuple(text, odd, fc.nat(60)).map(([body, middle, at]) => body.slice(0, at) + middle + body.slice(at)),
    text.map((body) => body + body),
    text.map((body) => `${"[".repeat(70)}${body}${"]".repeat(70)}`),
    text.map((body) => body.replace("{", `{"a":1,"a":2,`)),
    text.map((body) => body.replace("{", `{"__proto__":{},`)),
  ];
  return fc.oneof({ weight: 16, arbitrary: text }, ...ways.map((arbitrary) => ({ weight: 1, arbitrary })));
}

/** What may stand in a request line: the rest no client could send. */
function sendable(text: string): string {
  return text
    .replaceAll(/[^\x21-\x7e]/g, (unit) => encodeURIComponent(unit.isWellFormed() ? unit : "?"))
    .replaceAll("#", "%23");
}

function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
