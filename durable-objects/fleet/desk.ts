/** What every order to the fleet works with: the rows, the line to the shards, and one way to make a change. */
import type { Actor } from "../../core/contract/fleet-rpc.ts";
import { Alerting } from "./alerting.ts";
import { AuditTrail, type Change } from "./audit.ts";
import { KeyRows } from "./keys.ts";
import { Outbox, type Debt } from "./outbox.ts";
import { Placement } from "./placement.ts";
import { Publisher } from "./publishing.ts";
import { ServerRows } from "./servers.ts";
import type { CallShard } from "./shard-line.ts";
import { ToolsetRows } from "./toolsets.ts";
import { Turns } from "./turns.ts";

/** What goes into the transaction besides the rows themselves. */
interface Written {
  readonly audit: readonly Change[];
  readonly debts: readonly Debt[];
}

export class Desk {
  readonly servers: ServerRows;
  readonly keys: KeyRows;
  readonly toolsets: ToolsetRows;
  readonly placement: Placement;
  readonly audit: AuditTrail;
  readonly alerting: Alerting;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly turns = new Turns();
  readonly callShard: CallShard;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage, callShard: CallShard) {
    const { sql } = storage;
    this.#storage = storage;
    this.callShard = callShard;
    this.servers = new ServerRows(sql);
    this.keys = new KeyRows(sql);
    this.toolsets = new ToolsetRows(sql);
    this.placement = new Placement(sql);
    this.audit = new AuditTrail(sql);
    this.alerting = new Alerting(sql, this.servers);
    this.outbox = new Outbox(sql);
    this.publisher = new Publisher(storage, callShard, this, this.outbox);
  }

  /**
   * One change: its rows, its line in the audit trail and what shards are now owed, all or nothing; then a first
   * attempt to tell the shards. The answer to the caller leaves the object only after the rows are on disk.
   */
  async commit(actor: Actor, change: (at: number) => Written, receivers?: ReadonlySet<number>): Promise<void> {
    const debts = await this.promise((at) => {
      const written = change(at);
      for (const line of written.audit) this.audit.write(line, actor, at);
      return written.debts;
    });
    if (debts.length > 0) await this.publisher.deliver(debts, receivers);
  }

  /** Writes rows together with the alarm that will see to what follows. No `await` stands between the two. */
  async promise(write: (at: number) => readonly Debt[]): Promise<readonly Debt[]> {
    const debts = this.#storage.transactionSync(() => write(Date.now()));
    await this.publisher.schedule();
    return debts;
  }

  /** The alarm: what has ripened into an alert, or is over. */
  tickAlerts(): void {
    this.#storage.transactionSync(() => this.alerting.tick(Date.now()));
  }

  /** The alarm: keys first, as they need not wait behind servers on the move. */
  async payDebts(): Promise<void> {
    const due = (): readonly Debt[] => this.outbox.due(Date.now());
    await this.publisher.deliver(due().filter(({ what }) => what === "key"));
    await this.turns.take(() => this.publisher.deliver(due().filter(({ what }) => what !== "key")));
  }
}
