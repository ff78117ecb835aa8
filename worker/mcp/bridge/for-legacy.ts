/**
 * A legacy client's request. What a legacy server asks in the middle of it is forwarded as it comes; a modern server
 * ends each round with what it asks, and is asked again with the client's answers. See docs/decisions/0011-four-cells.md.
 */
import type { Conversation } from "../../../core/contract/conversation.ts";
import { failure, success, type Outcome } from "../../../core/contract/outcome.ts";
import { withMembers } from "../../../core/protocol/splice.ts";
import type { Answer, Hooks } from "../../../core/upstream/link.ts";
import { route, type LeasedRoute, type RouteWish } from "../../leases/routes.ts";
import type { Question } from "../../relay/dial.ts";
import type { RpcCall, RpcOutcome, Session } from "../rpc-call.ts";
import { askClient } from "./asking.ts";
import { listenBeside } from "./beside.ts";
import { carriedCapabilities } from "./capabilities.ts";
import { sendErrand, type Errand } from "./errand.ts";
import { Forwarding } from "./forwarding.ts";
import { hearingOf } from "./hearing.ts";
import { readInputRequired, type InputRequired } from "./input-required.ts";
import { tellLogLevel } from "./log-level.ts";
import { Patience } from "./patience.ts";

/** A server that asks and asks has lost its way. */
const mostRounds = 32;
/** Before a server that asked nothing is asked again: it wanted to be left alone for a while. */
const pauseMs = 250;

/** The session as a legacy server sees it. */
export function conversationOf({ id, capabilitiesText }: Session): Conversation {
  return { id, capabilitiesText: carriedCapabilities(capabilitiesText, true) };
}

/** A client that keeps no session speaks to servers on their shared connections, and cannot be asked anything. */
export async function relayForLegacy(call: RpcCall, errand: Errand): Promise<RpcOutcome> {
  const { server, tool } = errand;
  const { session } = call.client;
  const wish: RouteWish = {
    server,
    ...(tool === undefined ? {} : { tool }),
    ...(session === undefined ? {} : { conversation: conversationOf(session) }),
  };
  const leased = await route(call.house, wish);
  if (!leased.ok) {
    call.caller.giveBack();
    return leased;
  }
  const own = errand.question(leased.value.route);
  if (!own.ok) return own;
  await tellLogLevel(call, server, leased.value.route.replicas[0]);
  let question = own.value;
  for (let rounds = 0; rounds < mostRounds; rounds += 1) {
    const answered = await sendRound(call, wish, leased.value, question, errand);
    if (!answered.ok) return answered;
    const { resultText, resultType } = answered.value;
    if (resultType === "complete") return { ok: true, resultText, ...dressed(leased.value) };
    const asked = resultType === "input_required" ? readInputRequired(resultText) : undefined;
    if (asked === undefined) return invalid(server, `resultType ${resultType}`);
    const given = await answersTo(call, server, asked);
    if (!given.ok) return given;
    question = { ...own.value, paramsText: withMembers(own.value.paramsText, given.value) };
  }
  return invalid(server, `it asked more than ${mostRounds} times`);
}

/** What a legacy server said goes to a legacy client byte for byte. */
function dressed({ route: { replicas } }: LeasedRoute): { dressed?: true } {
  return replicas[0]?.era === "legacy" ? { dressed: true } : {};
}

/** One request to the server. Everything that it said on the way has gone to the client when this resolves. */
async function sendRound(
  call: RpcCall,
  wish: RouteWish,
  leased: LeasedRoute,
  question: Question,
  { mayAsk, server }: Errand,
): Promise<Outcome<Answer>> {
  const { house, line, client } = call;
  const { replicas, timeoutMs } = leased.route;
  const hearing = hearingOf(call, replicas[0]?.era ?? "legacy");
  const asker = { server, replica: replicas[0]?.replica ?? "" };
  const forwarding = new Forwarding(house, client.session, asker, line);
  const patience = forwarding.canAsk ? new Patience(timeoutMs, line) : undefined;
  const hooks: Hooks = {
    onNotification(text, method) {
      if (method === "notifications/cancelled") return forwarding.withdraw(text);
      const notice = hearing.notice(text, method);
      if (notice !== undefined) forwarding.send(notice);
    },
    onRequest(request) {
      const taken = forwarding.take(request);
      if (taken) patience?.waive();
      return taken;
    },
  };
  const whole: Question = {
    ...question,
    ...hearing.extras,
    takesInputRequired: mayAsk,
    clientCapabilitiesText: carriedCapabilities(client.capabilitiesText, line.carries),
  };
  const manner = { hooks, ...(patience ? { signal: patience.signal } : {}) };
  const isAsked = mayAsk && forwarding.canAsk;
  const hangUp = isAsked ? await listenBeside(call, server, replicas[0], hooks) : undefined;
  const answered = await sendErrand(call, wish, leased, whole, manner);
  hangUp?.();
  patience?.stop();
  await forwarding.done();
  return patience ? patience.judge(answered, server) : answered;
}

/** What a retry adds to the params. */
async function answersTo(
  call: RpcCall,
  server: string,
  { requests, stateText }: InputRequired,
): Promise<Outcome<Map<string, string>>> {
  const added = new Map<string, string>();
  if (requests.length === 0) await scheduler.wait(pauseMs);
  else {
    const answers = await askClient(call, server, requests);
    if (!answers.ok) return answers;
    added.set("inputResponses", answers.value);
  }
  if (stateText !== undefined) added.set("requestState", stateText);
  return success(added);
}

function invalid(server: string, evidence: string): RpcOutcome {
  return failure({ code: "answer_invalid", server, execution: "unknown", evidence });
}
