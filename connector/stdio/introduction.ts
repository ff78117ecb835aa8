/**
 * Gets to know a program that has just started. Asked first as the modern era asks; a refusal, or silence, means
 * `initialize` (specification, "versioning"). The gateway is then told what was found, as often as it asks.
 */
import { eras } from "../../core/protocol/eras/index.ts";
import { initializeParams } from "../../core/protocol/eras/legacy.ts";
import { readDiscovery, readGreeting } from "../../core/protocol/introduction.ts";
import { requestText } from "../../core/protocol/json-rpc.ts";
import { memberText } from "../../core/protocol/json-text.ts";
import type { Dialogue } from "./dialogue.ts";
import { readMessage } from "./message.ts";

export type Introduced =
  | { readonly is: "modern" }
  /** `resultText`: what it said to `initialize`. */
  | { readonly is: "legacy"; readonly resultText: string }
  | { readonly is: "failed"; readonly reason: string };

/** Programs that know the question answer at once; others may still be downloading themselves. */
const patienceMs = 3_000;
const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const version = eras.modern.versions[0] ?? "";
let asked = 0;

export function introduce(dialogue: Dialogue, known: "modern" | "legacy" | undefined): Promise<Introduced> {
  const { promise, resolve } = Promise.withResolvers<Introduced>();
  let isGreeted = false;
  const greet = (): void => {
    if (isGreeted) return;
    isGreeted = true;
    void question(dialogue, "initialize", initializeParams()).then((answer) => {
      if (answer.is === "broke") return resolve({ is: "failed", reason: answer.reason });
      const resultText = answer.resultText;
      if (resultText === undefined || readGreeting(resultText) === undefined) {
        return resolve({ is: "failed", reason: `answered initialize with ${answer.text.slice(0, 200)}` });
      }
      dialogue.tell(initialized, { is: "notification", method: "notifications/initialized", params: undefined });
      resolve({ is: "legacy", resultText });
    });
  };
  if (known === "legacy") {
    greet();
    return promise;
  }
  const impatient = setTimeout(greet, patienceMs);
  void question(dialogue, "server/discover", eras.modern.params("{}", { protocolVersion: version }, {})).then(
    (answer) => {
      clearTimeout(impatient);
      if (answer.is === "broke") return resolve({ is: "failed", reason: answer.reason });
      if (isModern(answer)) resolve({ is: "modern" });
      else greet();
    },
  );
  return promise;
}

type Heard =
  | { readonly is: "answered"; readonly text: string; readonly resultText: string | undefined }
  | { readonly is: "broke"; readonly reason: string };

function isModern({ text, resultText }: Extract<Heard, { is: "answered" }>): boolean {
  if (resultText !== undefined) return readDiscovery(resultText) !== undefined;
  const error = memberText(text, "error") ?? "";
  // A modern server of another version, or one that wants more; unless it names versions that open with `initialize`.
  return /"code"\s*:\s*-3202[012]\b/.test(error) && !eras.legacy.versions.some((known) => error.includes(`"${known}"`));
}

function question(dialogue: Dialogue, method: string, paramsText: string): Promise<Heard> {
  const text = requestText(`connector-${++asked}`, method, paramsText);
  const message = readMessage(text);
  return new Promise((resolve) => {
    if (message?.is !== "request") return;
    dialogue.ask(text, message, {
      heard: () => undefined,
      answered: (answer) => resolve({ is: "answered", text: answer, resultText: objectIn(answer) }),
      broke: (_, reason) => resolve({ is: "broke", reason }),
    });
  });
}

/** The result, if there is one and the whole is valid JSON. */
function objectIn(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return memberText(text, "result");
}
