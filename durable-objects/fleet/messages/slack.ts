/** A text message for people: Slack's incoming webhooks, and what takes the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
import type { Severity } from "../../../core/contract/alert.ts";
import { json, sentenceOf, testSentence, type Notice, type Wording } from "./message.ts";

const mostLines = 20;
const marks: Readonly<Record<Severity, string>> = {
  critical: ":red_circle:",
  warning: ":large_orange_circle:",
  info: ":large_blue_circle:",
};

export const slack: Wording = (notice) => [{ headers: json, body: JSON.stringify({ text: textOf(notice) }) }];

function textOf({ change, alerts }: Notice): string {
  if (change === "test") return testSentence;
  const lines = alerts.slice(0, mostLines).map((alert) => {
    const mark = change === "recovered" ? ":white_check_mark: Over:" : marks[alert.severity];
    return `${mark} ${escaped(sentenceOf(alert))}`;
  });
  const more = alerts.length - mostLines;
  return [...lines, ...(more > 0 ? [`… and ${more} more.`] : [])].join("\n");
}

/** A tool's name may not mention everybody, nor become a link. https://docs.slack.dev/messaging/formatting-message-text */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
