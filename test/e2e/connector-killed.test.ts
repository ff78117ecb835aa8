/**
 * `kill -9` of a stdio server, of the connector and of workerd, under a steady load of calls: every call is answered with
 * a result or with a truthful failure, none ran twice, and all is well again within ten seconds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpAnswer } from "../support/call-http.ts";
import { configFile, startConnector, stopConnectors, toyEntry, type ConnectorRun } from "../support/connector.ts";
import { cleanUp, startGateway, temporaryFolder, until, type TestGateway } from "../support/gateway.ts";

const lanes = 6;
const rounds = 10;
const log = join(temporaryFolder(), "log");
const file = configFile({ toy: toyEntry({ log }) });

let gateway: TestGateway;
let key: string;
let connector: ConnectorRun;
let calls = 0;

beforeAll(async () => {
  gateway = await startGateway({ shards: 2 });
  key = gateway.key;
  connector = await connect();
  await until(isWell);
});

afterAll(async () => {
  await stopConnectors();
  await gateway.stop();
  await cleanUp();
});

function connect(): Promise<ConnectorRun> {
  return startConnector([file, "--gateway", gateway.url, "--key", key, "--name", "laptop"]);
}

function call(tool: string, args: object): Promise<HttpAnswer> {
  const headers = { Authorization: `Bearer ${key}` };
  return gateway.call("/call", { method: "POST", headers, body: { tool: `toy__${tool}`, arguments: args } });
}

async function isWell(): Promise<boolean> {
  const answer = await call("pid", {}).catch(() => undefined);
  return answer?.status === 200;
}

/** Its breaker may be open for a while yet after many calls have failed. */
async function pidOfToy(): Promise<number> {
  let pid = 0;
  await until(async () => {
    const { status, text } = await call("pid", {});
    pid = Number(/"text":"(\d+)"/.exec(text)?.[1]);
    return status === 200;
  });
  return pid;
}

interface Told {
  readonly n: number;
  /** Undefined: nobody was there to answer. */
  readonly answer: HttpAnswer | undefined;
}

/** Calls without a pause, each with a number of its own, until `act` is over and all is well again. */
async function underLoad(act: () => Promise<void>): Promise<readonly Told[]> {
  const told: Told[] = [];
  const over = new AbortController();
  const lane = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const n = (calls += 1);
      const answer = await call("count", { n }).catch(() => undefined);
      told.push({ n, answer });
      // Somebody who finds a closed door does not hammer at it.
      if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = Array.from({ length: lanes }, lane);
  await until(() => told.length > lanes * 5);
  await act();
  over.abort();
  await Promise.all(all);
  return told;
}

function timesRun(): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const [, n = ""] of readFileSync(log, "utf8").matchAll(/^count \{"n":(\d+)\}$/gm)) {
    times.set(Number(n), (times.get(Number(n)) ?? 0) + 1);
  }
  return times;
}

/** What was told and is not true. */
function lies(told: readonly Told[]): readonly string[] {
  const times = timesRun();
  return told.flatMap(({ n, answer }) => {
    const ran = times.get(n) ?? 0;
    const execution = (answer?.body as { execution?: string } | undefined)?.execution;
    if (ran > 1) return `call ${n} ran ${ran} times`;
    if (answer?.status === 200 && ran !== 1) return `call ${n} was answered and never ran`;
    if (execution === "not_executed" && ran !== 0) return `call ${n} ran, and was said not to have: ${answer?.text}`;
    if (answer && answer.status !== 200 && execution === undefined) return `call ${n}: ${answer.status} ${answer.text}`;
    return [];
  });
}

async function wellWithin(ms: number): Promise<void> {
  const from = Date.now();
  await until(isWell);
  expect(Date.now() - from).toBeLessThan(ms);
}

describe("under a steady load of calls", () => {
  it(`a stdio server that is killed ${rounds} times comes back, and nothing ran twice`, async () => {
    const told = await underLoad(async () => {
      for (let round = 0; round < rounds; round += 1) {
        process.kill(await pidOfToy(), "SIGKILL");
        await wellWithin(10_000);
      }
    });
    expect(lies(told)).toEqual([]);
    expect(told.every(({ answer }) => answer !== undefined)).toBe(true);
    expect(told.filter(({ answer }) => answer?.status === 200).length).toBeGreaterThan(lanes * 5);
  });

  it(`a connector that is killed ${rounds} times is replaced, and nothing ran twice`, async () => {
    const told = await underLoad(async () => {
      for (let round = 0; round < rounds; round += 1) {
        connector.child.kill("SIGKILL");
        await connector.ended;
        connector = await connect();
        await wellWithin(10_000);
      }
    });
    expect(lies(told)).toEqual([]);
    expect(told.every(({ answer }) => answer !== undefined)).toBe(true);
  });

  it(`workerd that is killed ${rounds} times has its connector back, and nothing ran twice`, async () => {
    const port = new URL(gateway.url).port;
    const told = await underLoad(async () => {
      for (let round = 0; round < rounds; round += 1) {
        await gateway.kill9();
        gateway = await startGateway({ data: gateway.data, args: ["--port", port] });
        await wellWithin(10_000);
      }
    });
    expect(lies(told)).toEqual([]);
    expect(told.filter(({ answer }) => answer?.status === 200).length).toBeGreaterThan(lanes * 5);
  });
});
