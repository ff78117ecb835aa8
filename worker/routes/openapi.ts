/** `GET /openapi.json`: the document of every route, read off the routes themselves. */
import { Hono, type Handler } from "hono";
import { generateSpecs } from "hono-openapi";
import { z } from "zod";
import type { AppEnv } from "../house.ts";
import { version } from "../version.ts";
import { documentPath } from "./document-path.ts";
import { described } from "./endpoint.ts";

export type OpenApiDocument = Awaited<ReturnType<typeof generateSpecs>>;

const about = `One endpoint for every MCP server you run.

Send a key as \`Authorization: Bearer\` or \`X-Api-Key\`. Every answer has an \`X-Request-Id\`; you may choose it yourself.
Every error is a problem document (RFC 9457) with a stable \`code\`, explained at \`/docs/errors/{code}\`.
Bodies are JSON: at most 4 MiB and 64 levels deep, every key once, and unknown fields are refused.`;

const documentation = {
  info: { title: "Patchbay", version, description: about, license: { name: "MIT", identifier: "MIT" } },
  servers: [{ url: "/" }],
  security: [{ bearer: [] }, { apiKey: [] }],
  tags: [
    { name: "Tools", description: "What agents come for." },
    {
      name: "MCP",
      description:
        "What MCP clients need besides the protocol itself, which is spoken at `/mcp`, `/mcp/servers/{id}` and `/mcp/toolsets/{id}`.",
    },
    { name: "Servers", description: "The MCP servers behind the gateway." },
    { name: "Connectors", description: "Commands on other machines that bring their MCP servers here." },
    {
      name: "Toolsets",
      description: "Selections of tools, prompts and resources, each published at an address of its own.",
    },
    { name: "Keys", description: "Who may do what, and how often." },
    { name: "Shards", description: "The proxies that share the servers among them." },
    { name: "Alerts", description: "What goes wrong, and who is told." },
    { name: "Administration", description: "Settings, and who changed what." },
    { name: "Gateway", description: "What this is, and how it is." },
  ],
  components: {
    securitySchemes: {
      bearer: { type: "http" as const, scheme: "bearer" },
      apiKey: { type: "apiKey" as const, in: "header", name: "X-Api-Key" },
    },
  },
};

/** Module memory: plain values only, so two requests that come first may both make it. */
let known: OpenApiDocument | undefined;

export async function documentOf(app: Hono<AppEnv>): Promise<OpenApiDocument> {
  known ??= withoutStrayParameters(await generateSpecs(documented(app), { documentation, excludeStaticFile: false }));
  return known;
}

export function openApi(app: Hono<AppEnv>): Handler<AppEnv> {
  return described(async (c) => c.json(await documentOf(app), 200, { "cache-control": "public, max-age=300" }), {
    summary: "Get the OpenAPI document",
    description: "This document.",
    tag: "Gateway",
    answer: z.looseObject({}).meta({ id: "OpenApiDocument" }),
    open: true,
  });
}

/** The same routes under the paths that documents write. Serves nothing. */
function documented(app: Hono<AppEnv>): Hono<AppEnv> {
  const twin = new Hono<AppEnv>();
  for (const { method, path, handler } of app.routes) {
    if (method !== "ALL") twin.on(method, documentPath(path), handler);
  }
  return twin;
}

/** hono-openapi takes `{id}:check` for a parameter of that name. */
function withoutStrayParameters(document: OpenApiDocument): OpenApiDocument {
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ["get", "post", "put", "patch", "delete"] as const) {
      const operation = item?.[method];
      if (!operation?.parameters) continue;
      operation.parameters = operation.parameters.filter(
        (parameter) => "$ref" in parameter || parameter.in !== "path" || path.includes(`{${parameter.name}}`),
      );
    }
  }
  return document;
}
