/** What the documents show. */
import type { TargetView } from "./view.ts";

const at = "2026-10-23T09:00:00.000Z";
const alertId = "0f0c3a52-4a54-4f0e-9d6b-0d8e3f3a7c11";

export const exampleAlert = {
  id: alertId,
  rule: "server_down",
  severity: "critical",
  subject: "memory",
  reason: "The connection failed or broke off (Network connection lost.).",
  since: at,
  openedAt: "2026-10-23T09:00:10.000Z",
  recoveredAt: null,
} as const;

export const exampleDelivery = {
  id: "msg_7d1f0c3a524a544f0e9d6b0d8e3f3a7c",
  target: "on-call",
  change: "opened",
  rule: "server_down",
  alerts: [alertId],
  state: "delivered",
  attempts: 1,
  answer: "HTTP 204",
  createdAt: "2026-10-23T09:00:10.000Z",
  dueAt: null,
} as const;

export const exampleTarget: TargetView = {
  id: "on-call",
  kind: "webhook",
  title: null,
  origin: "https://alerts.example.com",
  rules: null,
  allowPrivate: false,
  disabled: false,
  createdAt: at,
  updatedAt: at,
};

export const exampleRule = {
  rule: "error_rate",
  enabled: true,
  severity: "warning",
  afterSeconds: 0,
  clearSeconds: 60,
  threshold: 25,
} as const;

export const exampleSilence = {
  id: "deploy",
  rules: null,
  subjects: ["memory*"],
  reason: "Moving to another host.",
  createdAt: at,
  endsAt: "2026-10-23T10:00:00.000Z",
};
