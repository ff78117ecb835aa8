/** What of a server's own words reaches a legacy client's `GET` stream. */
import { conversationOf } from "../bridge/for-legacy.ts";
import { Forwarding } from "../bridge/forwarding.ts";
import { noticeFor } from "../bridge/notices.ts";
import type { House } from "../../house.ts";
import type { InSession } from "../find-session.ts";
import { lastKnown } from "../session-state.ts";
import type { Mouth } from "./ear.ts";
import { Ears } from "./ears.ts";

export function earsOf(house: House, { session, state }: InSession, send: (text: string) => void): Ears {
  const mouthOf = (server: string, replica: string): Mouth => {
    const forwarding = new Forwarding(house, session, { server, replica }, { carries: true, send });
    // What the client has changed through this isolate holds at once, all else with the next look.
    const now = () => lastKnown(session) ?? state;
    return {
      updated: (uri, text) => now().subscriptions.includes(uri) && send(text),
      said(text, method) {
        if (method === "notifications/cancelled") return forwarding.withdraw(text);
        const { logLevel } = now();
        const hearer = { era: "legacy", ...(logLevel === undefined ? {} : { logLevel }) } as const;
        const notice = noticeFor(hearer, text, method, "legacy");
        if (notice !== undefined) forwarding.send(notice);
      },
      onRequest: (request) => forwarding.take(request),
    };
  };
  return new Ears(house, conversationOf(session), mouthOf);
}
