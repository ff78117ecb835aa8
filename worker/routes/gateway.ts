/** `GET /`: what this is. JSON for programs, a page for browsers. */
import { z } from "zod";
import { success } from "../../core/contract/outcome.ts";
import type { House } from "../house.ts";
import { readSettings } from "../settings-client.ts";
import { version } from "../version.ts";
import { gatewayPage } from "./docs/gateway-page.ts";
import { pageResponse, wantsPage } from "./docs/html.ts";
import { endpoint } from "./endpoint.ts";

export const links = {
  docs: "/docs",
  openapi: "/openapi.json",
  health: "/health",
  status: "/status",
  servers: "/servers",
  tools: "/tools",
  call: "/call",
  mcp: "/mcp",
} as const;

const answerSchema = z
  .object({
    name: z.literal("Patchbay"),
    displayName: z.string().describe("What this gateway's operator calls it."),
    description: z.string(),
    version: z.string(),
    maintenanceNotice: z.string().nullable(),
    links: z.record(z.string(), z.string()),
  })
  .meta({ id: "Gateway" });

export type GatewayView = z.infer<typeof answerSchema>;

const description = "One endpoint for every MCP server you run.";

export const showGateway = endpoint({
  summary: "Show the gateway",
  description: "What this is, and where everything else is. A page for browsers, that is for `Accept: text/html`.",
  tag: "Gateway",
  answer: answerSchema,
  open: true,
  example: {
    answer: { name: "Patchbay", displayName: "Patchbay", description, version, maintenanceNotice: null, links },
  },
  async handle({ house, request }) {
    const view: GatewayView = { name: "Patchbay", ...(await gatewayWords(house)), description, version, links };
    if (wantsPage(request)) return success(await pageResponse(gatewayPage(view), { vary: "Accept" }));
    return success(Response.json(view, { headers: { vary: "Accept" } }));
  },
});

type Said = Pick<GatewayView, "displayName" | "maintenanceNotice">;

const settingsLifeMs = 2_000;
/** A guess that may vanish, so that a page open to everyone does not cost an object call per visit. */
let known: { readonly said: Said; readonly endsAt: number } | undefined;

/** What the operator calls the gateway, and has to say to everyone. */
export async function gatewayWords(house: House): Promise<Said> {
  const now = Date.now();
  if (known && known.endsAt > now) return known.said;
  const settings = await readSettings(house.env);
  if (!settings.ok) return known?.said ?? { displayName: "Patchbay", maintenanceNotice: null };
  const { displayName, maintenanceNotice } = settings.value;
  known = { said: { displayName, maintenanceNotice }, endsAt: now + settingsLifeMs };
  return known.said;
}
