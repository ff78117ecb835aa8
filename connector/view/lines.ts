/** Plain lines, for a log file: what changes, once. */
import type { LocalServer } from "../local-server.ts";
import { logLine, noteLine, printable, type View } from "./view.ts";

export function linesView(): View {
  const told = new Map<string, string>();
  return {
    connected: ({ name, gateway, shards }) =>
      console.log(`patchbay: ${name} is connected to ${gateway}, shard ${shards.join(", ")}`),
    changed(server) {
      const line = lineOf(server);
      if (told.get(server.id) === line) return;
      told.set(server.id, line);
      console.log(line);
    },
    said: (server, line) => console.error(logLine(server, line)),
    noted: (server, note) => console.error(noteLine(server, note)),
    end: () => undefined,
  };
}

function lineOf({ id, offer }: LocalServer): string {
  return `patchbay: server ${id} is ${offer.state}${offer.reason === "" ? "" : `: ${printable(offer.reason)}`}`;
}
