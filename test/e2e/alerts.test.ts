/** Told before asked: a server is killed and comes back, workerd is killed, the receiver is killed. Real processes all. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { close, listen, readBody, startFleet, type FleetSimulator } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, until, type TestGateway } from "../support/gateway.ts";
import { register } from "../support/register.ts";
import { startToy, type ToyProcess } from "../support/toy-process.ts";

interface Told {
  readonly type: string;
  readonly data: {
    readonly alerts: readonly { readonly id: string; readonly rule: string; readonly subject: string }[];
  };
}

interface Arrival {
  readonly id: string;
  readonly told: Told;
}

/** Takes what is signed as it should be; anything else is a fault of the test's own making. */
class Receiver {
  readonly arrivals: Arrival[] = [];
  readonly faults: string[] = [];
  secret = "";
  port = 0;
  #server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void readBody(request).then((text) => response.writeHead(this.#take(text, request.headers)).end());
    });
    this.port = this.port === 0 ? await listen(server) : await listenAt(server, this.port);
    this.#server = server;
  }

  async stop(): Promise<void> {
    if (this.#server) await close(this.#server);
    this.#server = undefined;
  }

  #take(text: string, headers: IncomingHttpHeaders): number {
    try {
      const told = new Webhook(this.secret).verify(text, headers as Record<string, string>) as Told;
      this.arrivals.push({ id: String(headers["webhook-id"]), told });
      return 204;
    } catch (error) {
      this.faults.push(String(error));
      return 401;
    }
  }

  /** What was told of a server, in order, and how often each message came. */
  about(subject: string): string[] {
    return this.arrivals
      .filter(({ told }) => told.data.alerts.some((alert) => alert.subject === subject))
      .map(({ told }) => told.type);
  }
}

function listenAt(server: Server, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve(port));
  });
}

let gateway: TestGateway;
let fleet: FleetSimulator;
let receiver: Receiver;
let toy: ToyProcess;

beforeEach(async () => {
  fleet = await startFleet({ servers: 3, tools: 2 });
  toy = await startToy();
  receiver = new Receiver();
  await receiver.start();
  gateway = await startGateway({ shards: 2 });
  await register(gateway, "mortal", toy.url);
  for (const n of [0, 1, 2]) await register(gateway, fleet.id(n), fleet.url(n));
  const made = await gateway.call("/alerts/targets", { method: "POST", body: { id: "ops", url: receiver.url } });
  receiver.secret = (made.body as { secret: string }).secret;
  const rule = { afterSeconds: 1, clearSeconds: 1 };
  await gateway.call("/alerts/rules/server_down", { method: "PATCH", body: rule });
});

afterEach(async () => {
  await gateway.stop();
  await receiver.stop();
  await toy.kill();
  await fleet.stop();
  if (receiver.faults.length > 0) throw new Error(receiver.faults.join("\n"));
});

afterAll(cleanUp);

async function call(): Promise<void> {
  await gateway.call("/call", { method: "POST", body: { tool: "mortal__echo", arguments: {} } });
}

async function states(state: string): Promise<readonly string[]> {
  const answer = await gateway.call(`/alerts?state=${state}`);
  const { alerts } = answer.body as { alerts: readonly { rule: string; subject: string }[] };
  return alerts.map(({ rule, subject }) => `${rule} ${subject}`);
}

describe("a server that is killed and comes back", () => {
  it("is exactly one alert and one recovery, signed, and nothing of the servers that are well", async () => {
    await toy.kill();
    await call();
    await until(() => receiver.about("mortal").length > 0);
    expect(await states("open")).toEqual(["server_down mortal"]);
    // More calls, and more looks of the gateway's own, find the same.
    for (let i = 0; i < 5; i += 1) await call();
    await gateway.call("/servers/mortal:check", { method: "POST" });

    toy = await startToy(toy.port);
    await until(() => receiver.about("mortal").length > 1);
    expect(receiver.about("mortal")).toEqual(["alert.opened", "alert.recovered"]);
    await until(async () => (await states("open")).length === 0);
    expect(await states("recovered")).toEqual(["server_down mortal"]);
    expect(receiver.arrivals.length).toBe(2);
    expect(new Set(receiver.arrivals.map(({ told }) => told.data.alerts[0]?.id)).size).toBe(1);
  });
});

describe("kill -9 of workerd", () => {
  it("between the event and its delivery loses nothing: it is told when workerd is back", async () => {
    await receiver.stop();
    await toy.kill();
    await call();
    await until(async () => (await states("open")).length === 1);
    const { data } = gateway;
    await gateway.kill9();
    await receiver.start();
    gateway = await startGateway({ data });
    await until(() => receiver.about("mortal").length > 0);
    expect(receiver.about("mortal")).toEqual(["alert.opened"]);
  });

  it("before the alert has ripened loses nothing either", async () => {
    await toy.kill();
    await call();
    await until(async () => {
      const { state } = (await gateway.call("/servers/mortal")).body as { state: string };
      return state === "down";
    });
    const { data } = gateway;
    await gateway.kill9();
    gateway = await startGateway({ data });
    await until(() => receiver.about("mortal").length > 0);
    toy = await startToy(toy.port);
    await until(() => receiver.about("mortal").length > 1);
    expect(receiver.about("mortal")).toEqual(["alert.opened", "alert.recovered"]);
  });
});

describe("a receiver that is down for a while", () => {
  it("hears of both when it is back: in order, each id once", async () => {
    await receiver.stop();
    await toy.kill();
    await call();
    await until(async () => (await deliveries()).some(({ attempts }) => attempts > 1));
    toy = await startToy(toy.port);
    await until(async () => (await states("recovered")).length === 1);
    expect((await deliveries()).map(({ change, state }) => `${change} ${state}`)).toEqual([
      "recovered waiting",
      "opened waiting",
    ]);
    await receiver.start();
    await until(() => receiver.arrivals.length > 1);
    expect(receiver.about("mortal")).toEqual(["alert.opened", "alert.recovered"]);
    expect(new Set(receiver.arrivals.map(({ id }) => id)).size).toBe(2);
    await until(async () => (await deliveries()).every(({ state }) => state === "delivered"));
    expect(receiver.arrivals.length).toBe(2);
  });
});

interface Sent {
  readonly change: string;
  readonly state: string;
  readonly attempts: number;
}

async function deliveries(): Promise<readonly Sent[]> {
  return ((await gateway.call("/alerts/deliveries")).body as { deliveries: readonly Sent[] }).deliveries;
}
