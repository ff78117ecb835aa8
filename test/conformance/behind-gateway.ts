/** A gateway of our own with fixtures registered behind it, and the door that lets the suite in. */
import { startConnector } from "./with-connector.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { startFixture, type Fixture, type FixtureMode } from "./fixture/start-fixture.ts";
import { unrelatedOffer } from "./fixture/offers.ts";
import { startWithKey } from "./with-key.ts";

const stopWaitMs = 15_000;

export interface BehindGateway {
  readonly gateway: TestGateway;
  /** Where the suite may go without a key. */
  readonly origin: string;
  /** Starts a fixture and registers it under its mode. */
  add(mode: FixtureMode): Promise<void>;
  addUnrelated(): Promise<void>;
  /** Starts a connector that offers `stdio-legacy` and `stdio-modern`. */
  addConnector(): Promise<void>;
  close(): Promise<void>;
}

export async function startBehindGateway(): Promise<BehindGateway> {
  const gateway = await startGateway({ shards: 2 });
  const door = await startWithKey(gateway);
  const fixtures: Pick<Fixture, "close">[] = [];
  const add = async (id: string, fixture: Fixture): Promise<void> => {
    fixtures.push(fixture);
    const { status, text } = await gateway.call("/servers?wait=ready", {
      method: "POST",
      body: { id, url: fixture.url },
    });
    if (status >= 300) throw new Error(`the gateway would not register '${id}': ${status} ${text}`);
  };
  return {
    gateway,
    origin: door.origin,
    add: async (mode) => add(mode, await startFixture(mode)),
    addUnrelated: async () => add("unrelated", await startFixture("dual", unrelatedOffer)),
    async addConnector() {
      const connector = await startConnector(gateway);
      fixtures.push(connector);
    },
    async close() {
      await door.close();
      await stop(gateway);
      await Promise.all(fixtures.map((fixture) => fixture.close()));
    },
  };
}

/** Asks it to end, and kills what does not. */
async function stop(gateway: TestGateway): Promise<void> {
  const bound = setTimeout(() => killGateway(gateway), stopWaitMs);
  await gateway.stop();
  clearTimeout(bound);
}

export function killGateway({ pid, workerdPid }: TestGateway): void {
  for (const one of [pid, workerdPid]) {
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}
