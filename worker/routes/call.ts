/** The REST door: `POST /call`. Turns a body into a call, and a reply back into JSON, byte for byte where the tool spoke. */
import type { Context } from "hono";
import { z } from "zod";
import type { Call, Reply } from "../../core/contract/call.ts";
import { failure, success, type Outcome } from "../../core/contract/outcome.ts";
import { allows } from "../../core/contract/scope.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import { houseOf, type AppEnv } from "../house.ts";
import { admit, type Admitted } from "../leases/admissions.ts";
import { answer } from "../relay/answer.ts";
import { readName, resolveBareName } from "../relay/resolve.ts";
import { problem } from "../render/problem.ts";
import { answerOnce } from "./answer-once.ts";
import { readBody } from "./body.ts";
import { described } from "./endpoint.ts";
import { faultsOf } from "./faults.ts";
import { written } from "./written.ts";
import { validateArguments } from "./validate-arguments.ts";

const maxWaitMs = 300_000;

const bodySchema = z
  .strictObject({
    tool: z
      .string()
      .min(1)
      .max(256)
      .describe("A qualified name (`memory__read_graph`), a bare one, or the tool's own name beside `server`."),
    server: z.string().min(1).max(64).optional().describe("The server's id."),
    arguments: z.looseObject({}).optional().describe("What the tool takes; `{}` when left out."),
  })
  .meta({ id: "CallInput" });

const answerSchema = z
  .object({
    server: z.string(),
    tool: z.string(),
    result: z
      .looseObject({ content: z.array(z.looseObject({})), isError: z.boolean().optional() })
      .describe("The tool's own result, untouched."),
    requestId: z.string(),
    durationMs: z.number(),
  })
  .meta({ id: "CallAnswer" });

interface Asked {
  readonly tool: string;
  readonly server?: string | undefined;
  readonly argumentsText: string;
}

export const callTool = described(
  async (c) => {
    const startedAt = Date.now();
    const ready = await prepare(c, startedAt);
    if (!ready.ok) return problem(ready.failure, c.get("requestId"));
    const { call, caller } = ready.value;
    const run = (): Promise<Outcome<Reply>> => answer(houseOf(c), call, caller);
    const onceKey = c.req.raw.headers.get("idempotency-key");
    if (onceKey !== null) return answerOnce(c, onceKey, call, run, startedAt);
    const reply = await run();
    return reply.ok ? written(c, reply.value, Date.now() - startedAt) : problem(reply.failure, c.get("requestId"));
  },
  {
    summary: "Call a tool",
    tag: "Tools",
    query: z.strictObject({
      validate: z
        .enum(["true", "false"])
        .optional()
        .describe("Check the arguments against the tool's input schema first."),
    }),
    headers: z.object({
      "X-Timeout-Ms": z
        .string()
        .optional()
        .describe("The longest you are willing to wait; never more than the server's own."),
      "Idempotency-Key": z
        .string()
        .optional()
        .describe(
          "Runs the call once: the same request with the same key is given the first one's answer for 24 hours, and " +
            "`Idempotent-Replayed: true` says so. 1 to 255 printable characters; each API key has its own.",
        ),
    }),
    body: bodySchema,
    answer: answerSchema,
    scope: "tools:call",
    example: {
      body: { tool: "memory__read_graph", arguments: {} },
      answer: {
        server: "memory",
        tool: "read_graph",
        result: { content: [{ type: "text", text: "…" }] },
        requestId: "6f0c3a52-4a54-4f0e-9d6b-0d8e3f3a7c11",
        durationMs: 12,
      },
    },
  },
);

interface Ready {
  readonly call: Call;
  readonly caller: Admitted;
}

async function prepare(c: Context<AppEnv>, now: number): Promise<Outcome<Ready>> {
  const house = houseOf(c);
  const deadline = deadlineOf(c.req.raw.headers.get("x-timeout-ms"), now);
  if (!deadline.ok) return deadline;
  const asked = await askedOf(c.req.raw);
  if (!asked.ok) return asked;
  const named = readName(asked.value.tool, asked.value.server);
  const admitted = await admit(house, c.get("identity"), named?.server);
  if (!admitted.ok) return admitted;
  const caller = admitted.value;
  c.set("caller", caller);
  if (!allows(caller.principal.scopes, "tools:call")) return failure({ code: "scope_missing", scope: "tools:call" });
  const target = named ? success(named) : await resolveBareName(house, asked.value.tool, caller.principal);
  if (!target.ok) return target;
  const { argumentsText } = asked.value;
  if (c.req.query("validate") === "true") {
    const valid = await validateArguments(house, target.value, caller.principal, argumentsText);
    if (!valid.ok) return valid;
  }
  const { server, tool } = target.value;
  const call = { server, tool, argumentsText, requestId: house.requestId, deadlineAt: deadline.value };
  return success({ call, caller });
}

async function askedOf(request: Request): Promise<Outcome<Asked>> {
  const body = await readBody(request);
  if (!body.ok) return body;
  const { text, value } = body.value;
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) return failure({ code: "invalid_fields", fields: faultsOf(parsed.error, "/") });
  // The raw text of the arguments, so that numbers beyond 2^53 and the order of keys arrive as they left.
  const argumentsText = memberText(text, "arguments") ?? "{}";
  return success({ tool: parsed.data.tool, server: parsed.data.server, argumentsText });
}

function deadlineOf(header: string | null, now: number): Outcome<number> {
  if (header === null) return success(now + maxWaitMs);
  const waitMs = Number(header);
  if (Number.isInteger(waitMs) && waitMs >= 1 && waitMs <= maxWaitMs) return success(now + waitMs);
  return failure({
    code: "invalid_fields",
    fields: [{ path: "X-Timeout-Ms", message: `must be a whole number from 1 to ${maxWaitMs}` }],
  });
}
