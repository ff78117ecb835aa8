/** What the client hears of a call while it runs: what the server must be told for it, and what of it goes on. */
import type { Era } from "../../../core/contract/server.ts";
import { nextRequestId } from "../../../core/protocol/json-rpc.ts";
import type { Question } from "../../relay/dial.ts";
import type { RpcCall } from "../rpc-call.ts";
import { noticeFor, type Hearer } from "./notices.ts";

export interface Hearing {
  /** Goes with the question to the server. */
  readonly extras: Pick<Question, "logLevel" | "progressToken" | "metaText">;
  /** A notification as the client is to read it; undefined when it is not for it. */
  notice(text: string, method: string): string | undefined;
}

/** `token`: the one that the server knows the call's progress by. */
export function hearingOf(call: RpcCall, serverEra: Era, token = nextRequestId()): Hearing {
  const { client, progressTokenText, metaText } = call;
  const logLevel = client.logLevel === undefined ? {} : { logLevel: client.logLevel };
  const hearer: Hearer = {
    era: client.era,
    ...logLevel,
    ...(progressTokenText === undefined ? {} : { progress: { ours: token, theirsText: progressTokenText } }),
  };
  return {
    extras: {
      ...logLevel,
      ...(progressTokenText === undefined ? {} : { progressToken: token }),
      ...(metaText === undefined ? {} : { metaText }),
    },
    notice: (text, method) => noticeFor(hearer, text, method, serverEra),
  };
}
