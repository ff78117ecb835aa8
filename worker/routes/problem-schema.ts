/** The shape of every error: a problem document (RFC 9457) with a stable `code`. */
import { z } from "zod";

export const problemSchema = z
  .looseObject({
    type: z.string().describe("Where this code is explained."),
    title: z.string(),
    status: z.int(),
    code: z.string().describe("Stable; decide by this."),
    detail: z.string(),
    fix: z.string(),
    requestId: z.string(),
    retryable: z.boolean().describe("Whether the same request may succeed later."),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
