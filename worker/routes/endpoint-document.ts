/** What the OpenAPI document says of one endpoint, read off the schemas that the endpoint itself checks with. */
import { resolver } from "hono-openapi";
import { z } from "zod";
import type { Scope } from "../../core/contract/scope.ts";
import { problemSchema } from "./problem-schema.ts";

/** What the document tells of an endpoint. */
export interface Description {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  /** The path ends in `:check` or the like, which belongs to the route and not to the parameter. */
  readonly verb?: string;
  readonly query?: z.ZodObject;
  /** Request headers, for the document only. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** No body at all counts as `{}`. */
  readonly bodyOptional?: boolean;
  /** The endpoint reads the body itself, by a grammar of its own; the schema is for the document. */
  readonly readsBody?: boolean;
  /** 101: a WebSocket. */
  readonly status?: 101 | 200 | 201;
  /** Absent: a page for people. */
  readonly answer?: z.ZodType;
  /** A status that is no failure, with the same answer. */
  readonly alsoStatus?: Readonly<Record<number, string>>;
  readonly example?: { readonly body?: unknown; readonly answer?: unknown };
  /** For a route that looks at the scope itself; else its guard says. */
  readonly scope?: Scope;
  /** Open to everyone: no key. */
  readonly open?: boolean;
}

export function documentationOf(spec: Description) {
  const statuses = Object.entries({ [spec.status ?? 200]: spec.summary, ...spec.alsoStatus });
  return {
    operationId: operationIdOf(spec.summary),
    summary: spec.summary,
    tags: [spec.tag],
    ...(spec.description ? { description: spec.description } : {}),
    ...(spec.open ? { security: [] } : {}),
    ...(spec.scope ? { "x-required-scope": spec.scope } : {}),
    parameters: [
      ...parametersOf(spec.params, "path"),
      ...parametersOf(spec.query, "query"),
      ...parametersOf(spec.headers, "header"),
    ],
    ...(spec.body ? { requestBody: { required: !spec.bodyOptional, content: bodyContentOf(spec, spec.body) } } : {}),
    responses: {
      ...Object.fromEntries(
        statuses.map(([status, description]) => [status, { description, content: answerOf(spec) }]),
      ),
      default: {
        description: "A problem document (RFC 9457).",
        content: { "application/problem+json": { schema: resolver(problemSchema) } },
      },
    },
  };
}

/** "Register a server" is `registerServer`: a name for generated clients. */
function operationIdOf(summary: string): string {
  const words = summary.split(/[^A-Za-z0-9]+/).filter((word) => word !== "" && !/^(?:an?|the)$/i.test(word));
  const [first = "", ...rest] = words.map((word) => word.toLowerCase());
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function bodyContentOf(spec: Description, body: z.ZodType) {
  return { "application/json": { schema: resolver(body), ...exampleOf(spec.example?.body) } };
}

function answerOf(spec: Description) {
  if (spec.status === 101) return {};
  if (!spec.answer) return { "text/html": { schema: { type: "string" as const } } };
  return { "application/json": { schema: resolver(spec.answer), ...exampleOf(spec.example?.answer) } };
}

function exampleOf(example: unknown): { example?: unknown } {
  return example === undefined ? {} : { example };
}

/** Parameters arrive as text, so the document tells of what is accepted there: the schema's input side. */
function parametersOf(fields: z.ZodObject | undefined, place: "path" | "query" | "header") {
  if (!fields) return [];
  const schema = z.toJSONSchema(fields, { io: "input", reused: "inline" });
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = typeof property === "object" ? property : {};
    return {
      name,
      in: place,
      required: place === "path" || required.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}
