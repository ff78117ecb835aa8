/** The id in `/toolsets/{id}`. Whether such a toolset is there is Fleet's to say; this only keeps nonsense out. */
import { z } from "zod";

// oxlint-disable-next-line no-control-regex
const plain = /^[^\u0000-\u001f\u007f]+$/;

export const toolsetPath = z.object({
  id: z.string().min(1).max(128).regex(plain, "may not hold control characters").describe("The toolset's id."),
});
