import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { mintWebhookSecret, webhookHeaders } from "../../../core/secrets/webhook-signature.ts";

/** The example of the specification's own libraries. */
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

it("signs as the Standard Webhooks specification's example is signed", () => {
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const headers = webhookHeaders([secret], { id, body: `{"test": 2432232314}`, now: 1_614_265_330_000 });
  expect(headers).toEqual({
    "webhook-id": id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("signs as HMAC-SHA-256 by another hand does, once for each secret", () => {
  const secrets = [mintWebhookSecret(), mintWebhookSecret()];
  const body = `{"reason":"naïve ☃"}`;
  const expected = secrets.map((one) => {
    const key = Buffer.from(one.slice("whsec_".length), "base64");
    expect(key.length).toBe(32);
    return `v1,${createHmac("sha256", key).update(`msg_1.1700000000.${body}`).digest("base64")}`;
  });
  const headers = webhookHeaders(secrets, { id: "msg_1", body, now: 1_700_000_000_999 });
  expect(headers["webhook-signature"]).toBe(expected.join(" "));
});
