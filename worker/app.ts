/** The whole gateway, route by route: path, guard, handler. No route is registered anywhere else. */
import { Hono } from "hono";
import { edge } from "./edge.ts";
import { known, may } from "./guard.ts";
import type { AppEnv } from "./house.ts";
import { mcpDoor } from "./mcp/door.ts";
import { metadataPath, pointsToMetadata } from "./mcp/metadata.ts";
import { sameOrigin } from "./mcp/origin.ts";
import { MemoRouter } from "./memo-router.ts";
import { listAlerts, listDeliveries } from "./routes/alerts/list.ts";
import { changeRule, listRules } from "./routes/alerts/rules.ts";
import { beginSilence, endSilence, listSilences } from "./routes/alerts/silences.ts";
import {
  changeTarget,
  createTarget,
  deleteTarget,
  listTargets,
  rotateTarget,
  showTarget,
} from "./routes/alerts/targets.ts";
import { testAlerts } from "./routes/alerts/test.ts";
import { listAudit } from "./routes/audit.ts";
import { callTool } from "./routes/call.ts";
import { docsPage, errorPage } from "./routes/docs/docs.ts";
import { introduceConnector } from "./routes/connectors/introduce.ts";
import { listConnectors } from "./routes/connectors/list.ts";
import { openConnectorSocket } from "./routes/connectors/socket.ts";
import { showGateway } from "./routes/gateway.ts";
import { checkHealth } from "./routes/health.ts";
import { exportServers } from "./routes/import/export.ts";
import { importServers } from "./routes/import/import.ts";
import { changeKey, revokeKey, rotateKey } from "./routes/keys/change.ts";
import { createKey } from "./routes/keys/create.ts";
import { listKeys, showKey } from "./routes/keys/list.ts";
import { describeResource } from "./routes/mcp/protected-resource.ts";
import { showServerCard } from "./routes/mcp/server-card.ts";
import { notBuilt, onError, onMissing } from "./routes/missing.ts";
import { openApi } from "./routes/openapi.ts";
import { showConnect } from "./routes/servers/connect.ts";
import { countServers } from "./routes/servers/count.ts";
import { listServers } from "./routes/servers/list.ts";
import { changeServer, checkServer, deleteServer, showServer } from "./routes/servers/one.ts";
import { registerServer } from "./routes/servers/register.ts";
import { changeSettings, showSettings } from "./routes/settings.ts";
import { listShards, setShards, showShard } from "./routes/shards.ts";
import { showStatus } from "./routes/status.ts";
import { listTools } from "./routes/tools/list.ts";
import { changeToolset, createToolset, deleteToolset } from "./routes/toolsets/change.ts";
import { listToolsets, showToolset } from "./routes/toolsets/list.ts";
import { previewToolset } from "./routes/toolsets/offer.ts";

export const app = new Hono<AppEnv>({ router: new MemoRouter() });

app.use(edge);

// Open to everyone: what this is, and whether it is well.
app.get("/", showGateway);
app.get("/health", checkHealth);
app.get("/docs", docsPage(app));
app.get("/docs/errors/:code", errorPage);
app.get("/openapi.json", openApi(app));

// The tools. The call's door admits by itself, since a key may have a limit of its own on the server that the call is for.
app.get("/tools", may("tools:list"), listTools);
app.post("/call", known, callTool);

app.get("/status", may("servers:read"), showStatus);
app.get("/servers", may("servers:read"), listServers);
app.get("/servers/count", may("servers:read"), countServers);
app.get("/servers:export", may("servers:read"), exportServers);
app.get("/servers/:id{[^/:]+}", may("servers:read"), showServer);
app.get("/servers/:id{[^/:]+}/connect", may("tools:list"), showConnect);
app.post("/servers", may("servers:write"), registerServer);
app.post("/servers:import", may("servers:write"), importServers);
app.post("/servers/:id{[^/:]+:check}", may("servers:write"), checkServer);
app.patch("/servers/:id{[^/:]+}", may("servers:write"), changeServer);
app.delete("/servers/:id{[^/:]+}", may("servers:write"), deleteServer);

app.get("/connectors", may("servers:read"), listConnectors);
app.post("/connectors", may("connector"), introduceConnector);
app.get("/connectors/socket", may("connector"), openConnectorSocket);

app.get("/shards", may("servers:read"), listShards);
app.get("/shards/:shard", may("servers:read"), showShard);
app.put("/shards", may("shards:write"), setShards);

app.get("/keys", may("keys:write"), listKeys);
app.get("/keys/:id{[^/:]+}", may("keys:write"), showKey);
app.post("/keys", may("keys:write"), createKey);
app.post("/keys/:id{[^/:]+:rotate}", may("keys:write"), rotateKey);
app.patch("/keys/:id{[^/:]+}", may("keys:write"), changeKey);
app.delete("/keys/:id{[^/:]+}", may("keys:write"), revokeKey);

app.get("/toolsets", may("servers:read"), listToolsets);
app.get("/toolsets/:id{[^/:]+}", may("servers:read"), showToolset);
app.get("/toolsets/:id{[^/:]+}/tools", may("servers:read"), previewToolset);
app.post("/toolsets", may("toolsets:write"), createToolset);
app.patch("/toolsets/:id{[^/:]+}", may("toolsets:write"), changeToolset);
app.delete("/toolsets/:id{[^/:]+}", may("toolsets:write"), deleteToolset);

app.get("/alerts", may("servers:read"), listAlerts);
app.get("/alerts/deliveries", may("servers:read"), listDeliveries);
app.get("/alerts/rules", may("servers:read"), listRules);
app.patch("/alerts/rules/:rule", may("alerts:write"), changeRule);
app.get("/alerts/silences", may("servers:read"), listSilences);
app.post("/alerts/silences", may("alerts:write"), beginSilence);
app.delete("/alerts/silences/:id{[^/:]+}", may("alerts:write"), endSilence);
app.get("/alerts/targets", may("servers:read"), listTargets);
app.get("/alerts/targets/:id{[^/:]+}", may("servers:read"), showTarget);
app.post("/alerts/targets", may("alerts:write"), createTarget);
app.post("/alerts/targets/:id{[^/:]+:rotate}", may("alerts:write"), rotateTarget);
app.patch("/alerts/targets/:id{[^/:]+}", may("alerts:write"), changeTarget);
app.delete("/alerts/targets/:id{[^/:]+}", may("alerts:write"), deleteTarget);
app.post("/alerts:test", may("alerts:write"), testAlerts);

// What MCP clients may know without a key: here, before the doors, which web pages of other origins may not use.
app.get("/mcp/server-card", showServerCard);
app.get(metadataPath, describeResource("the gateway", ""));
app.get(`${metadataPath}/mcp`, describeResource("the MCP endpoint", "/mcp"));
app.get(`${metadataPath}/mcp/servers/:id{[^/:]+}`, describeResource("a server's endpoint", "/mcp/servers"));
app.get(`${metadataPath}/mcp/toolsets/:id{[^/:]+}`, describeResource("a toolset's endpoint", "/mcp/toolsets"));

// MCP, both eras. The door looks at the method itself, and admits by itself as `POST /call` does.
app.use("/mcp/*", sameOrigin, pointsToMetadata);
app.all("/mcp", known, mcpDoor("everything"));
app.all("/mcp/servers/:id{[^/:]+}", known, mcpDoor("server"));
app.all("/mcp/toolsets/:id{[^/:]+}", known, mcpDoor("toolset"));

app.get("/audit", may("audit:read"), listAudit);
app.get("/settings", may("settings:write"), showSettings);
app.patch("/settings", may("settings:write"), changeSettings);

// Later parts of the house say so, instead of not being there.
for (const path of ["/dashboard", "/metrics"]) app.all(path, notBuilt);

app.notFound(onMissing(app));
app.onError(onError);
