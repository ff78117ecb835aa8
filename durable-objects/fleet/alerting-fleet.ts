/** The half of Fleet's switchboard that is about alerts. */
import { DurableObject } from "cloudflare:workers";
import type { Alert, AlertRule, Rules, RuleSettings, Signal, Thresholds } from "../../core/contract/alert.ts";
import type { AlertRpc, AlertState, Silence } from "../../core/contract/alert-rpc.ts";
import type { AlertTarget, Delivery, TestResult } from "../../core/contract/alert-target.ts";
import type { Actor } from "../../core/contract/fleet-rpc.ts";
import type { Outcome } from "../../core/contract/outcome.ts";
import {
  changeRule,
  createTarget,
  deleteTarget,
  endSilence,
  findTarget,
  replaceTarget,
  silence,
} from "./alert-orders.ts";
import type { Courier, CourierEnv } from "./courier.ts";
import type { Desk } from "./desk.ts";
import { pageSize } from "./page.ts";
import type { ShardNamespace } from "./shard-line.ts";

export interface FleetEnv extends CourierEnv {
  readonly SHARD: ShardNamespace;
  /** How many shards a new fleet begins with. */
  readonly SHARD_COUNT?: string;
}

export abstract class AlertingFleet extends DurableObject<FleetEnv> implements AlertRpc {
  /** The object's own and not its prototype's, since RPC reaches everything there. */
  protected abstract readonly desk: Desk;
  protected abstract readonly courier: Courier;

  async signal(signals: readonly Signal[]): Promise<Thresholds> {
    await this.desk.promise((at) => {
      this.desk.alerting.take(signals, at);
      return [];
    });
    return this.desk.alerting.settings.thresholds();
  }

  async alerts(state: AlertState | undefined, before: number, limit: number): Promise<readonly Alert[]> {
    return this.desk.alerting.log.page(state, before, pageSize(limit));
  }

  async deliveries(before: number, limit: number): Promise<readonly Delivery[]> {
    return this.desk.alerting.deliveries.page(before, pageSize(limit));
  }

  async alertRules(): Promise<Rules> {
    return this.desk.alerting.settings.rules();
  }

  changeAlertRule(rule: AlertRule, change: Partial<RuleSettings>, actor: Actor): Promise<Outcome<RuleSettings>> {
    return changeRule(this.desk, rule, change, actor);
  }

  async alertTargets(): Promise<readonly AlertTarget[]> {
    return this.desk.alerting.settings.targets();
  }

  async alertTarget(id: string): Promise<Outcome<AlertTarget>> {
    return findTarget(this.desk, id);
  }

  createAlertTarget(target: AlertTarget, actor: Actor): Promise<Outcome<AlertTarget>> {
    return createTarget(this.desk, target, actor);
  }

  replaceAlertTarget(
    target: AlertTarget,
    action: string,
    actor: Actor,
    seen: AlertTarget,
  ): Promise<Outcome<AlertTarget>> {
    return replaceTarget(this.desk, target, action, actor, seen);
  }

  deleteAlertTarget(id: string, actor: Actor): Promise<Outcome<AlertTarget>> {
    return deleteTarget(this.desk, id, actor);
  }

  async silences(): Promise<readonly Silence[]> {
    return this.desk.alerting.settings.silences(Date.now());
  }

  silence(wanted: Silence, actor: Actor): Promise<Outcome<Silence>> {
    return silence(this.desk, wanted, actor);
  }

  endSilence(id: string, actor: Actor): Promise<Outcome<Silence>> {
    return endSilence(this.desk, id, actor);
  }

  testAlerts(): Promise<readonly TestResult[]> {
    return this.courier.test();
  }
}
