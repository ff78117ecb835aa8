/** A request's body as a configuration file: JSON with comments, and servers of one name told instead of refused. */
import { maxDepth } from "../../../core/config/jsonc.ts";
import type { ConfigProblem } from "../../../core/config/problem.ts";
import { readConfig, type Config } from "../../../core/config/read-config.ts";
import type { Failure } from "../../../core/contract/failure.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { readBodyText } from "../body.ts";

export async function readFile(request: Request, literal: boolean): Promise<Outcome<Config>> {
  const text = await readBodyText(request);
  if (!text.ok) return text;
  // The gateway's own environment is nobody's to read.
  const config = readConfig(text.value, { source: "body", resolve: () => undefined, literal });
  const [problem] = config.problems;
  return problem ? failure(failureOf(problem)) : success(config);
}

function failureOf({ code, path, message }: ConfigProblem): Failure {
  switch (code) {
    case "malformed_json":
      return { code, detail: `The body ${message}.` };
    case "duplicate_key":
      return { code, path };
    case "nested_too_deep":
      return { code, limit: maxDepth };
    default:
      return { code, fields: [{ path, message }] };
  }
}
