/** Signed JSON for programs: https://www.standardwebhooks.com */
import { webhookHeaders } from "../../../core/secrets/webhook-signature.ts";
import type { Alert } from "../../../core/contract/alert.ts";
import { json, type Wording } from "./message.ts";

export const webhook: Wording = ({ id, change, createdAt, alerts }, { signing }, now) => {
  const timestamp = new Date(createdAt).toISOString();
  const told = alerts.map((alert) => viewOf(alert, change === "recovered"));
  const body = JSON.stringify({ type: `alert.${change}`, timestamp, data: { alerts: told } });
  const secrets = signing.filter(({ endsAt }) => endsAt === undefined || endsAt > now).map(({ secret }) => secret);
  return [{ headers: { ...json, ...webhookHeaders(secrets, { id, body, now }) }, body }];
};

/** The same text each time it is sent: that an alert is over by now is for the next message to say. */
function viewOf(alert: Alert, isOver: boolean) {
  const { id, rule, severity, subject, reason, since, openedAt, recoveredAt } = alert;
  return {
    id,
    rule,
    severity,
    subject,
    reason,
    since: new Date(since).toISOString(),
    openedAt: new Date(openedAt).toISOString(),
    ...(isOver && recoveredAt !== undefined ? { recoveredAt: new Date(recoveredAt).toISOString() } : {}),
  };
}
