/**
 * `GET /mcp/server-card`: what a client can know of the MCP endpoint before it has a key (SEP-2127, whose form may yet
 * change). Nothing of the servers behind it.
 */
import { z } from "zod";
import { success } from "../../../core/contract/outcome.ts";
import { eras } from "../../../core/protocol/eras/index.ts";
import { hashText } from "../../../core/policies/stable-hash.ts";
import { version } from "../../version.ts";
import { endpoint } from "../endpoint.ts";
import { gatewayWords } from "../gateway.ts";

const $schema = "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json";

const answerSchema = z
  .object({
    $schema: z.literal($schema),
    name: z.string().describe("The gateway's host, turned around, and its program."),
    title: z.string(),
    description: z.string(),
    version: z.string(),
    remotes: z.array(
      z.object({
        type: z.literal("streamable-http"),
        url: z.url(),
        supportedProtocolVersions: z.array(z.string()),
        headers: z.array(
          z.object({ name: z.string(), description: z.string(), isRequired: z.boolean(), isSecret: z.boolean() }),
        ),
      }),
    ),
  })
  .meta({ id: "ServerCard" });

export const showServerCard = endpoint({
  summary: "Show the server card",
  description: "What MCP clients can know of this gateway without a key.",
  tag: "MCP",
  open: true,
  answer: answerSchema,
  async handle({ house, request }) {
    const { origin, hostname } = new URL(request.url);
    const { displayName } = await gatewayWords(house);
    const card: z.input<typeof answerSchema> = {
      $schema,
      name: `${reversed(hostname)}/patchbay`,
      title: displayName,
      description: "One endpoint for every MCP server behind it.",
      version,
      remotes: [
        {
          type: "streamable-http",
          url: `${origin}/mcp`,
          supportedProtocolVersions: [...eras.modern.versions, ...eras.legacy.versions],
          headers: [
            {
              name: "Authorization",
              description: "Bearer and an API key of the gateway",
              isRequired: true,
              isSecret: true,
            },
          ],
        },
      ],
    };
    const text = JSON.stringify(card);
    const headers = {
      "content-type": "application/mcp-server-card+json",
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=300",
      etag: `"${hashText(text).toString(36)}"`,
    };
    const isKnown = request.headers.get("if-none-match") === headers.etag;
    return success(isKnown ? new Response(null, { status: 304, headers }) : new Response(text, { headers }));
  },
});

/** As names of servers begin. An address has no order to turn around. */
function reversed(hostname: string): string {
  return /^[\d.:[\]]+$/.test(hostname)
    ? hostname.replaceAll(/[^\d.]/g, "-")
    : hostname.split(".").toReversed().join(".");
}
