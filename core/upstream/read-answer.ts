/** From a server's response to an answer. */
import { success, type Outcome } from "../contract/outcome.ts";
import { readMessage } from "../protocol/json-rpc.ts";
import { conclude } from "./conclude.ts";
import { isEventStream } from "./event-stream.ts";
import { followStream } from "./follow-stream.ts";
import { judgeStatus } from "./judge-status.ts";
import type { Answer } from "./link.ts";
import type { Pending } from "./pending.ts";
import { readBody, type Body } from "./read-body.ts";
import { brokenOff, refuse, tooLarge } from "./refusal.ts";

export async function readAnswer(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { status } = response;
  if (status < 200 || status > 299) return judgeStatus(pending, response);
  const answer = await (isEventStream(response) ? followStream(pending, response) : readText(pending, response));
  if (!answer.ok || pending.x.method !== "initialize") return answer;
  const sessionId = response.headers.get("mcp-session-id");
  return sessionId === null ? answer : success({ ...answer.value, sessionId });
}

async function readText(pending: Pending, response: Response): Promise<Outcome<Answer>> {
  const { x, bounds, deadline } = pending;
  let body: Body;
  try {
    body = await readBody(response, bounds.maxAnswerBytes);
  } catch (error) {
    return brokenOff(x, deadline, error);
  }
  if (!body.ok) return tooLarge(x, bounds.maxAnswerBytes);
  const { text, size } = body;
  if (size === 0) return refuse(x, "answer_empty", `HTTP ${response.status}`);
  if (text === undefined) return refuse(x, "answer_not_json", "the body is not UTF-8");
  const received = readMessage(text, pending.id);
  if (received.is === "not_json") return notJson(pending, text, response);
  return conclude(x, received, size, false);
}

function notJson({ x }: Pending, text: string, response: Response): Outcome<Answer> {
  const type = response.headers.get("content-type") ?? "";
  const start = text.trimStart();
  if (start === "") return refuse(x, "answer_empty", "white space only");
  if (start.startsWith("<") || /html/i.test(type)) return refuse(x, "answer_html", type);
  return refuse(x, "answer_not_json", type === "" ? "no content type" : type);
}
