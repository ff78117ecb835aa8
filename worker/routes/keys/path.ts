/** The id in `/keys/{id}`. Whether there is such a key is Fleet's to say. */
import { z } from "zod";

export const keyPath = z.object({
  id: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[\x21-\x7e]+$/, "printable ASCII only")
    .describe("The key's id."),
});
