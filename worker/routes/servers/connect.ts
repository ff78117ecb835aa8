/** `GET /servers/{id}/connect`: what to paste where, for each client program. */
import { z } from "zod";
import { failure, success } from "../../../core/contract/outcome.ts";
import { findEndpoint } from "../../mcp/endpoint.ts";
import { reaches } from "../../mcp/entry.ts";
import { endpoint } from "../endpoint.ts";
import { keyVariable, snippetsFor } from "../mcp/snippets.ts";
import { serverPath } from "./path.ts";

const answerSchema = z
  .object({
    url: z.url().describe("The server's MCP endpoint here, for clients of either era."),
    keyVariable: z.string().describe("The environment variable that the snippets take the API key from."),
    clients: z.array(
      z.object({
        client: z.string(),
        where: z.string().describe("A file to put it into, or where to type it."),
        language: z.enum(["sh", "json", "toml", "ts"]),
        text: z.string(),
        link: z.string().optional().describe("Opens the program with all of it filled in."),
      }),
    ),
  })
  .meta({ id: "ConnectSnippets" });

export const showConnect = endpoint({
  summary: "Show how to connect a client",
  description:
    "Ready snippets for this one server. For all servers together use `/mcp` in place of `/mcp/servers/{id}`.",
  tag: "MCP",
  params: serverPath,
  answer: answerSchema,
  example: {
    answer: {
      url: "https://gateway.example.com/mcp/servers/memory",
      keyVariable,
      clients: snippetsFor("memory", "https://gateway.example.com/mcp/servers/memory")
        .slice(0, 1)
        .map((one) => ({ ...one })),
    },
  },
  async handle({ house, caller, params, request }) {
    const { id } = params;
    const found = await findEndpoint(house, { is: "server", server: id });
    if (!found.ok) return found;
    if (!reaches(caller.principal.tools, id)) return failure({ code: "unknown_server", server: id, nearest: [] });
    const url = `${new URL(request.url).origin}/mcp/servers/${id}`;
    return success({ url, keyVariable, clients: snippetsFor(id, url).map((snippet) => ({ ...snippet })) });
  },
});
