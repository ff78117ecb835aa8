/**
 * A process of MCP servers, for the chaos run to kill, hang and confuse: `node main.ts '<Settings as JSON>'`. Whatever
 * runs is written to a file before it is answered, a line each, so that what was done outlives whoever did it.
 */
import { appendFileSync } from "node:fs";
import { startFaultyServer, type FaultyServer } from "../../support/faulty-server.ts";
import type { Order, Settings } from "./settings.ts";

const { ports, log, names } = JSON.parse(process.argv[2] ?? "") as Settings;
const servers = await Promise.all(names.map((name, n) => start(name, ports[n])));

async function start(name: string, port = 0): Promise<FaultyServer> {
  const server = await startFaultyServer({ name, port, tools: 2 });
  server.toy.onExecuted = (tool, { text }) => appendFileSync(log, `${name} ${tool} ${String(text)}\n`);
  return server;
}

function obey(order: Order): void {
  for (const server of servers) {
    if (order.is === "misbehave") server.misbehave(order.fault);
    else if (order.is === "behave") server.behave();
    else server.toy.sessions.clear();
  }
}

process.on("message", (order: Order) => {
  obey(order);
  process.send?.({ is: "done" });
});
// Whoever started it is gone, and so is the need for it.
process.once("disconnect", () => process.exit());
process.send?.({ is: "ready", urls: servers.map(({ url }) => url) });
