/** The two words that every list takes. */
import { z } from "zod";

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many to answer with at most."),
  cursor: z.string().min(1).max(2048).optional().describe("Where to go on: `nextCursor` of the page before."),
};

export const nextCursorSchema = z
  .string()
  .optional()
  .describe("Pass as `cursor` for the next page; absent on the last.");
