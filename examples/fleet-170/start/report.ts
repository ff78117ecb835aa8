/** What whoever starts the fleet sees. With --json, stdout is for the one line alone. */
import type { Memory } from "./memory.ts";
import type { Standing } from "./wait.ts";

export interface Ready extends Standing {
  readonly url: string;
  readonly key: string;
  /** From the start of the gateway until the last server was ready. */
  readonly seconds: number;
  readonly memory: Memory | undefined;
}

export interface Report {
  step(what: string, outcome: string): void;
  ready(ready: Ready): void;
}

export function openReport(json: boolean): Report {
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  return {
    step: (what, outcome) => say(`  ${what.padEnd(19)} ${outcome}`),
    ready: (ready) => {
      if (json) process.stdout.write(`${JSON.stringify(ready)}\n`);
      else for (const line of readyText(ready)) say(line);
    },
  };
}

function readyText({ url, key, total, ready, seconds, shards, capabilities, memory }: Ready): readonly string[] {
  return [
    "",
    `${ready} of ${total} servers are ready after ${seconds} s`,
    "",
    ...Object.entries(shards).map(([shard, count]) => row(`shard ${shard}`, count)),
    "",
    ...Object.entries(capabilities)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([capability, count]) => row(capability, count)),
    "",
    ...(memory
      ? [
          `  Memory  workerd ${memory.workerdMb} MB, three connectors ${memory.connectorsMb} MB, ` +
            `${memory.serverProcesses} server processes ${memory.serversMb} MB`,
        ]
      : []),
    `  Key     ${key}`,
    `  Try it  curl -s ${url}/call -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${sample}'`,
    "  Stop    Ctrl-C",
    "",
  ];
}

function row(name: string, count: number): string {
  return `  ${name.padEnd(26)} ${String(count).padStart(3)}`;
}

const sample = JSON.stringify({
  tool: "conversion-length__convert",
  arguments: { value: 26.2, from: "mi", to: "km" },
});
