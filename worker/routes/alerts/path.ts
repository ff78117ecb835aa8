/** The words in the paths under `/alerts`. Whether such a thing is there is Fleet's to say; this only keeps nonsense out. */
import { z } from "zod";
import { alertRules } from "../../../core/contract/alert.ts";

const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, "printable ASCII only");

export const targetPath = z.object({ id: id.describe("The target's id.") });
export const silencePath = z.object({ id: id.describe("The silence's id.") });
export const rulePath = z.object({ rule: z.enum(alertRules).describe("The rule's name.") });
