/**
 * Webhooks are signed as Standard Webhooks 1.0 says: HMAC-SHA-256 over `id.timestamp.body`. Each secret that has not
 * ended signs, so that a receiver may change over when it likes.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { Webhook } from "standardwebhooks";

const prefix = "whsec_";
/** The specification asks for 24 to 64. */
const secretBytes = 32;

export function mintWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(secretBytes));
  return prefix + btoa(String.fromCharCode(...bytes));
}

export function webhookHeaders(
  secrets: readonly string[],
  { id, body, now }: { readonly id: string; readonly body: string; readonly now: number },
): Record<string, string> {
  const at = new Date(now);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
}
