/** One line per server, drawn again in its place; what servers log scrolls by above. */
import { styleText } from "node:util";
import type { LocalServer, LocalState } from "../local-server.ts";
import { logLine, noteLine, printable, type Facts, type View } from "./view.ts";

const drawEveryMs = 100;
const colors = { ready: "green", starting: "yellow", idle: "gray", down: "red" } as const;
const order: readonly LocalState[] = ["down", "starting", "ready", "idle"];

export function terminalView(servers: () => readonly LocalServer[]): View {
  const { stdout } = process;
  let drawn = 0;
  let facts: Facts | undefined;
  let scrolling: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    timer = undefined;
    const { columns, rows } = stdout;
    const lines = table(servers(), columns, rows - 3);
    const title = facts ? `${facts.name} at ${facts.gateway}, shard ${facts.shards.join(", ")}` : "connecting ...";
    const all = [styleText("bold", `patchbay connect: ${title}`.slice(0, columns - 1)), ...lines];
    const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
    stdout.write(`${up}\u001b[0J${[...scrolling, ...all].join("\n")}\n`);
    scrolling = [];
    drawn = all.length;
  };
  const soon = (): void => {
    timer ??= setTimeout(draw, drawEveryMs);
  };
  const scroll = (line: string): void => {
    scrolling.push(line);
    soon();
  };
  return {
    connected(now) {
      facts = now;
      soon();
    },
    changed: soon,
    said: (server, line) => scroll(logLine(server, line)),
    noted: (server, note) => scroll(noteLine(server, note)),
    end() {
      clearTimeout(timer);
      draw();
    },
  };
}

/** What is in trouble comes first when not all of them fit. */
export function table(servers: readonly LocalServer[], columns: number, rows: number): readonly string[] {
  const width = Math.max(6, ...servers.map(({ id }) => id.length));
  const head = `${"server".padEnd(width)}  state     tools  calls  last error`;
  const shown =
    servers.length <= rows
      ? servers
      : servers.toSorted((a, b) => order.indexOf(a.offer.state) - order.indexOf(b.offer.state)).slice(0, rows - 1);
  const left = servers.length - shown.length;
  const lines = shown.map(({ id, offer, traffic }) => {
    const error = printable(offer.reason === "" ? traffic.lastError : offer.reason);
    const tools = String(traffic.tools ?? "-").padStart(5);
    const before = `${id.padEnd(width)}  `;
    const after = `  ${tools}  ${String(traffic.calls).padStart(5)}  ${error}`;
    const room = Math.max(0, columns - 1 - before.length - 8);
    return `${before}${styleText(colors[offer.state], offer.state.padEnd(8))}${after.slice(0, room)}`;
  });
  return [head.slice(0, columns - 1), ...lines, ...(left > 0 ? [`and ${left} more`] : [])];
}
