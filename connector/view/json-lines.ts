/** Lines of JSON on stdout, for programs; the first says that everything is connected. What people read goes to stderr. */
import type { LocalServer } from "../local-server.ts";
import { logLine, noteLine, type View } from "./view.ts";

export function jsonView(servers: () => readonly LocalServer[]): View {
  let isReady = false;
  const told = new Map<string, string>();
  const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  return {
    connected(facts) {
      const all = servers().map(viewOf);
      for (const one of all) told.set(one.id, identity(one));
      say({ ...(isReady ? { connected: true } : { ready: true }), ...facts, pid: process.pid, servers: all });
      isReady = true;
    },
    changed(server) {
      const view = viewOf(server);
      if (!isReady || told.get(server.id) === identity(view)) return;
      told.set(server.id, identity(view));
      say({ server: view });
    },
    said: (server, line) => console.error(logLine(server, line)),
    noted(server, note) {
      console.error(noteLine(server, note));
      if (isReady) say({ note, ...(server !== undefined && { server }) });
    },
    end: () => undefined,
  };
}

function viewOf({ id, offer, traffic }: LocalServer) {
  const { state, reason, since } = offer;
  return {
    id,
    state,
    reason,
    since,
    ...(traffic.tools !== undefined && { tools: traffic.tools }),
    calls: traffic.calls,
  };
}

/** Calls alone are no news. */
function identity(view: ReturnType<typeof viewOf>): string {
  return JSON.stringify({ ...view, calls: 0 });
}
