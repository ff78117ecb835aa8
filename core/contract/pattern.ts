/** Patterns of keys and toolsets: `*` stands for any run of characters. */
import { z } from "zod";

/** On qualified names: `memory__*`. */
export const toolPatternSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9_.*-]+$/, "letters, digits, '_', '-', '.' and '*' only");

/** On resource URIs: `file:///docs/*`. */
export const uriPatternSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces only");
