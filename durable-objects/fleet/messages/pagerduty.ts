/** PagerDuty's Events API v2: one event for each alert, whose id keeps opening and recovery together. */
import type { Alert } from "../../../core/contract/alert.ts";
import { json, sentenceOf, testSentence, type Message, type Notice, type Wording } from "./message.ts";

const longestSummary = 1_024;
const source = "patchbay";

export const pagerduty: Wording = (notice, { routingKey = "" }) => {
  if (notice.change === "test") return testEvents(notice, routingKey);
  return notice.alerts.map((alert) =>
    event(
      notice.change === "recovered"
        ? { routing_key: routingKey, event_action: "resolve", dedup_key: alert.id }
        : { routing_key: routingKey, event_action: "trigger", dedup_key: alert.id, payload: payloadOf(alert) },
    ),
  );
};

/** A test leaves nothing open. */
function testEvents({ id, createdAt }: Notice, routingKey: string): Message[] {
  const same = { routing_key: routingKey, dedup_key: id };
  const timestamp = new Date(createdAt).toISOString();
  const payload = { summary: testSentence, source, severity: "info", timestamp };
  return [event({ ...same, event_action: "trigger", payload }), event({ ...same, event_action: "resolve" })];
}

function payloadOf(alert: Alert) {
  return {
    summary: sentenceOf(alert).slice(0, longestSummary),
    source,
    severity: alert.severity,
    timestamp: new Date(alert.since).toISOString(),
    component: alert.subject,
    class: alert.rule,
    custom_details: { reason: alert.reason, rule: alert.rule, subject: alert.subject },
  };
}

function event(fields: object): Message {
  return { headers: json, body: JSON.stringify(fields) };
}
