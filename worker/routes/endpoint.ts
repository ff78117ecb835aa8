/**
 * One endpoint: what it takes, what it gives, and what it does, from one zod schema each. The OpenAPI document
 * reads the same schemas off the handler, so it cannot say anything else than the route does.
 */
import type { Context, Handler } from "hono";
import { resolver, uniqueSymbol } from "hono-openapi";
import { z } from "zod";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { houseOf, type AppEnv, type Caller, type House } from "../house.ts";
import { problem } from "../render/problem.ts";
import { readBody } from "./body.ts";
import { faultsOf } from "./faults.ts";
import { problemSchema } from "./problem-schema.ts";

export interface Input<Q, B> {
  readonly house: House;
  readonly caller: Caller;
  readonly query: Q;
  readonly body: B;
  /** The path's own names, decoded. */
  param(name: string): string;
  /** `https://gateway.example`, as the caller addressed it. */
  readonly origin: string;
}

export interface Endpoint<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly query?: Q;
  /** Request headers, for the document only. */
  readonly headers?: z.ZodObject;
  readonly body?: B;
  readonly status?: 200 | 201;
  readonly answer: A;
  /** Open to everyone: no key. */
  readonly open?: boolean;
  handle(input: Input<z.output<Q>, z.output<B>>): Promise<Outcome<z.input<A> | Response>>;
}

export function endpoint<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Endpoint<Q, B, A>,
): Handler<AppEnv> {
  const handler: Handler<AppEnv> = async (c) => {
    const answered = await run(c, spec);
    if (!answered.ok) return problem(answered.failure, c.var.requestId);
    return answered.value instanceof Response
      ? answered.value
      : Response.json(answered.value, { status: spec.status ?? 200 });
  };
  return described(handler, spec);
}

/** Lets the OpenAPI document read a handler's schemas, without a middleware of its own. */
export function described(
  handler: Handler<AppEnv>,
  spec: Omit<Endpoint<z.ZodObject, z.ZodType, z.ZodType>, "handle">,
): Handler<AppEnv> {
  return Object.assign(handler, { [uniqueSymbol]: { spec: documentationOf(spec) } });
}

async function run<Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  c: Context<AppEnv>,
  spec: Endpoint<Q, B, A>,
): Promise<Outcome<z.input<A> | Response>> {
  const query = parsed(spec.query, c.req.query(), "");
  if (!query.ok) return query;
  const body = await bodyOf(c, spec.body);
  if (!body.ok) return body;
  return spec.handle({
    house: houseOf(c),
    caller: c.var.caller,
    query: query.value as z.output<Q>,
    body: body.value as z.output<B>,
    param: (name) => c.req.param(name) ?? "",
    origin: new URL(c.req.url).origin,
  });
}

async function bodyOf(c: Context<AppEnv>, schema: z.ZodType | undefined): Promise<Outcome<unknown>> {
  if (!schema) return success(undefined);
  const text = await readBody(c.req.raw);
  return text.ok ? parsed(schema, JSON.parse(text.value), "/") : text;
}

function parsed(schema: z.ZodType | undefined, value: unknown, root: string): Outcome<unknown> {
  if (!schema) return success(undefined);
  const result = schema.safeParse(value);
  return result.success
    ? success(result.data)
    : failure({ code: "invalid_fields", fields: faultsOf(result.error, root) });
}

function documentationOf(spec: Omit<Endpoint<z.ZodObject, z.ZodType, z.ZodType>, "handle">) {
  return {
    summary: spec.summary,
    tags: [spec.tag],
    ...(spec.description ? { description: spec.description } : {}),
    ...(spec.open ? { security: [] } : {}),
    parameters: [...parametersOf(spec.query, "query"), ...parametersOf(spec.headers, "header")],
    ...(spec.body
      ? { requestBody: { required: true, content: { "application/json": { schema: resolver(spec.body) } } } }
      : {}),
    responses: {
      [spec.status ?? 200]: {
        description: spec.summary,
        content: { "application/json": { schema: resolver(spec.answer) } },
      },
      default: {
        description: "A problem document (RFC 9457).",
        content: { "application/problem+json": { schema: resolver(problemSchema) } },
      },
    },
  };
}

/** Parameters arrive as text, so the document tells of what is accepted there: the schema's input side. */
function parametersOf(fields: z.ZodObject | undefined, place: "query" | "header") {
  if (!fields) return [];
  const schema = z.toJSONSchema(fields, { io: "input" });
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: required.has(name),
    schema: property,
  }));
}
