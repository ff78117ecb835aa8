/**
 * One endpoint: what it takes, what it gives, and what it does, from one zod schema each. The OpenAPI document
 * reads the same schemas off the handler, so it cannot say anything else than the route does.
 */
import type { Context, Handler } from "hono";
import { uniqueSymbol } from "hono-openapi";
import type { z } from "zod";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { houseOf, type AppEnv, type Caller, type House } from "../house.ts";
import { problem } from "../render/problem.ts";
import { readBody } from "./body.ts";
import { documentationOf, type Description } from "./endpoint-document.ts";
import { faultsOf } from "./faults.ts";
import { forbiddenName } from "./forbidden-name.ts";
import { pathText, queryText } from "./request-text.ts";

export interface Input<P, Q, B> {
  readonly house: House;
  readonly caller: Caller;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: Request;
}

export interface Endpoint<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Description {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: A;
  handle(input: Input<z.output<P>, z.output<Q>, z.output<B>>): Promise<Outcome<z.input<A> | Response>>;
}

export function endpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Endpoint<P, Q, B, A>,
): Handler<AppEnv> {
  const handler: Handler<AppEnv> = async (c) => {
    const answered = await run(c, spec);
    if (!answered.ok) return problem(answered.failure, c.get("requestId"));
    return answered.value instanceof Response
      ? answered.value
      : Response.json(answered.value, { status: spec.status ?? 200 });
  };
  return described(handler, spec);
}

/** Lets the OpenAPI document read a handler's schemas, without a middleware of its own. */
export function described(handler: Handler<AppEnv>, spec: Description): Handler<AppEnv> {
  return Object.assign(handler, { [uniqueSymbol]: { spec: documentationOf(spec) } });
}

async function run<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  c: Context<AppEnv>,
  spec: Endpoint<P, Q, B, A>,
): Promise<Outcome<z.input<A> | Response>> {
  const params = checked(spec.params, pathText(c, spec), "");
  if (!params.ok) return params;
  const query = checked(spec.query, spec.query ? queryText(c.req.raw) : success({}), "");
  if (!query.ok) return query;
  const body = await bodyOf(c.req.raw, spec);
  if (!body.ok) return body;
  return spec.handle({
    house: houseOf(c),
    caller: c.get("caller"),
    params: params.value,
    query: query.value,
    body: body.value,
    request: c.req.raw,
  });
}

async function bodyOf<B extends z.ZodType>(
  request: Request,
  spec: Description & { readonly body?: B },
): Promise<Outcome<z.output<B>>> {
  if (!spec.body || spec.readsBody) return checked<B>(undefined, success(undefined), "/");
  if (spec.bodyOptional && (request.body === null || request.headers.get("content-length") === "0")) {
    return checked(spec.body, success({}), "/");
  }
  const read = await readBody(request);
  if (!read.ok) return read;
  const { value } = read.value;
  const forbidden = forbiddenName(value);
  return forbidden ? failure({ code: "invalid_fields", fields: [forbidden] }) : checked(spec.body, success(value), "/");
}

function checked<S extends z.ZodType>(
  schema: S | undefined,
  given: Outcome<unknown>,
  root: string,
): Outcome<z.output<S>> {
  if (!given.ok) return given;
  // An endpoint without a schema for a part never looks at that part.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  if (!schema) return success(undefined as z.output<S>);
  const result = schema.safeParse(given.value);
  return result.success
    ? success(result.data)
    : failure({ code: "invalid_fields", fields: faultsOf(result.error, root) });
}
