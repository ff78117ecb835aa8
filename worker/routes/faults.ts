/** zod's issues as field faults: a JSON pointer and a sentence each. */
import type { z } from "zod";
import type { FieldFault } from "../../core/contract/failure.ts";

const maxFaults = 20;

export function faultsOf(error: z.ZodError, root: string): FieldFault[] {
  return error.issues.slice(0, maxFaults).flatMap((issue) => {
    const path = pointer(issue.path, root);
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: pointer([...issue.path, key], root), message: "is not a known field" }));
  });
}

/** RFC 6901 for bodies (`root` is "/"), the bare name for parameters. */
function pointer(path: readonly PropertyKey[], root: string): string {
  const parts = path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1"));
  return parts.length === 0 ? "" : root + parts.join("/");
}
