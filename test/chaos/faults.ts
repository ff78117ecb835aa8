/** The faults of one server, and how each begins and ends. */
import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "../support/faulty-server.ts";
import type { ServerProcess } from "./server-process.ts";

export interface ServerFault {
  readonly name: string;
  begin(server: ServerProcess): Promise<void>;
  end(server: ServerProcess): Promise<void>;
  /** Calls a second to the server, where the usual number would load this machine and nothing else. */
  readonly perSecond?: number;
}

export const serverFaults: readonly ServerFault[] = [
  { name: "killed, started again", begin: (server) => server.kill(), end: (server) => server.start() },
  killedAgainAndAgain(),
  answering("hangs: takes calls, never answers", "hang"),
  answering("drips: a byte a second", "drip"),
  answering("resets connections, the tool run", "reset"),
  answering("answers garbage", "garbage"),
  answering("answers 502 and HTML", "html502"),
  answering("answers 200 and nothing", "empty200"),
  answering("cuts its event streams short", "truncatedSse"),
  answering("answers under another id", "wrongId"),
  { ...answering("answers 100 MB", "huge"), perSecond: 6 },
  answering("answers 404, session unknown, for good", "session404"),
  forgetting(),
];

function answering(name: string, fault: Fault): ServerFault {
  return {
    name,
    begin: (server) => server.tell({ is: "misbehave", fault }),
    end: (server) => server.tell({ is: "behave" }),
  };
}

/** Down and up within the second: what was known of it is wrong as soon as it is known. */
function killedAgainAndAgain(): ServerFault {
  return repeating("killed every second", async (server) => {
    await server.kill();
    await pause(300);
    await server.start();
    await pause(500);
  });
}

function forgetting(): ServerFault {
  return repeating("forgets its sessions every 250 ms", async (server) => {
    await server.tell({ is: "forget_sessions" });
    await pause(250);
  });
}

function repeating(name: string, round: (server: ServerProcess) => Promise<void>): ServerFault {
  let ending = new AbortController();
  let running: Promise<void> | undefined;
  return {
    name,
    async begin(server) {
      ending = new AbortController();
      const { signal } = ending;
      running = (async () => {
        while (!signal.aborted) await round(server);
      })();
    },
    async end() {
      ending.abort();
      await running;
    },
  };
}
