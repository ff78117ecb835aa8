/** The page at `/`, for someone who typed the address into a browser. */
import { html } from "hono/html";
import type { GatewayView } from "../gateway.ts";

const words: Readonly<Record<string, string>> = {
  docs: "How to use it: every route, with examples",
  openapi: "The same for programs (OpenAPI 3.1)",
  health: "Whether it is well",
  status: "Every shard and server (needs a key)",
  servers: "The servers (needs a key)",
  tools: "The tools (needs a key)",
  call: "Where tools are called (POST, needs a key)",
};

export function gatewayPage({ name, displayName, description, version, maintenanceNotice, links }: GatewayView) {
  const body = html`<h1>${displayName}</h1>
    <p class="soft">${displayName === name ? "" : `${name} `}${version}. ${description}</p>
    ${maintenanceNotice === null ? "" : html`<p class="notice">${maintenanceNotice}</p>`}
    <table>
      ${Object.entries(links).map(
        ([link, path]) =>
          html`<tr>
            <td><a href="${path}">${path}</a></td>
            <td>${words[link] ?? ""}</td>
          </tr>`,
      )}
    </table>`;
  return { title: displayName, body };
}
