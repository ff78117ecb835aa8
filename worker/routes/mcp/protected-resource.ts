/**
 * How to get in, for programs: protected resource metadata (RFC 9728), a document per MCP endpoint and one for the whole
 * gateway. It names no authorization server: keys are given out by the gateway's operator, and to name one that is
 * not there would send clients into a login that cannot end well.
 */
import type { Handler } from "hono";
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import type { AppEnv } from "../../house.ts";
import { metadataPath } from "../../mcp/metadata.ts";
import { endpoint } from "../endpoint.ts";
import { serverPath } from "../servers/path.ts";

const answerSchema = z
  .object({
    resource: z.url().describe("What the key is for."),
    resource_name: z.string(),
    resource_documentation: z.url(),
    bearer_methods_supported: z.array(z.literal("header")),
    scopes_supported: z.array(z.string()),
  })
  .meta({ id: "ProtectedResource" });

/** The URL parser lets some through that RFC 3986 has no place for in a path, such as brackets. */
const noUriCharacter = /[^\w\-.~!$&'()*+,;=:@%/]/g;

const headers = { "access-control-allow-origin": "*", "cache-control": "public, max-age=3600" };

export function describeResource(what: string, path: "" | "/mcp" | "/mcp/servers" | "/mcp/toolsets"): Handler<AppEnv> {
  return endpoint({
    summary: `Describe ${what} as a protected resource`,
    description: "Protected resource metadata (RFC 9728), which challenges point to.",
    tag: "MCP",
    open: true,
    ...(path.lastIndexOf("/") > 0 ? { params: serverPath } : {}),
    answer: answerSchema,
    async handle({ request }) {
      const { origin, pathname } = new URL(request.url);
      return success(
        Response.json(
          {
            resource: origin + pathname.slice(metadataPath.length).replaceAll(noUriCharacter, encodeURIComponent),
            resource_name: "Patchbay",
            resource_documentation: `${origin}/docs`,
            bearer_methods_supported: ["header"],
            scopes_supported: ["tools:list", "tools:call"],
          } satisfies z.input<typeof answerSchema>,
          { headers },
        ),
      );
    },
  });
}
