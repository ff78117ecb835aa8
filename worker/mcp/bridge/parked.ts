/**
 * A modern client's call of a legacy server that may ask something back. The server's questions come while the call
 * runs, and the client's answers with another request: so the call waits in the server's shard, and the client holds its
 * sealed name as `requestState`. A client that leaves while it is being answered ends the call; one that was answered
 * with questions may take its time.
 */
import type { ParkStep, TellParked } from "../../../core/contract/conversation.ts";
import type { Route } from "../../../core/contract/leases.ts";
import { failure, type Outcome } from "../../../core/contract/outcome.ts";
import { memberText } from "../../../core/protocol/json-text.ts";
import { ownerOf } from "../../../core/policies/placement.ts";
import { askOwner } from "../../leases/ask-owner.ts";
import type { Shard } from "../../objects.ts";
import type { Question } from "../../relay/dial.ts";
import { result, type RpcCall, type RpcOutcome } from "../rpc-call.ts";
import { missingFor } from "./capabilities.ts";
import type { Errand } from "./errand.ts";
import { hearingOf } from "./hearing.ts";
import { sealState, type HeldState } from "./sealed.ts";

type Parked = Extract<HeldState, { is: "parked" }>;

/** Answers that come with a first request are to no question of this call, and are left out. */
export async function park(call: RpcCall, errand: Errand, route: Route, question: Question): Promise<RpcOutcome> {
  const { server } = errand;
  const { client, caller, deadlineAt } = call;
  const parkId = crypto.randomUUID();
  const { logLevel, metaText } = hearingOf(call, "legacy", parkId).extras;
  const ask = {
    keyId: caller.principal.keyId,
    parkId,
    server,
    method: question.method,
    paramsText: question.paramsText,
    name: question.name ?? "",
    capabilitiesText: client.capabilitiesText,
    ...(metaText === undefined ? {} : { metaText }),
    ...(logLevel === undefined ? {} : { logLevel }),
    progress: call.progressTokenText !== undefined,
    timeoutMs: Math.min(route.timeoutMs, deadlineAt - Date.now()),
  };
  const held: Parked = { is: "parked", server, parkId };
  return said(call, held, await step(call, held, (shard, revision, tell) => shard.park({ ...ask, revision }, tell)));
}

export async function resumeParked(call: RpcCall, held: Parked): Promise<RpcOutcome> {
  const { keyId } = call.caller.principal;
  const given = memberText(call.paramsText, "inputResponses");
  const answersText = given?.startsWith("{") ? given : "{}";
  return said(
    call,
    held,
    await step(call, held, (shard, _, tell) => shard.resume(keyId, held.parkId, answersText, tell)),
  );
}

type Ask = (shard: Shard, revision: number, tell?: TellParked) => Promise<Outcome<ParkStep>>;

/** One step of the call. What it said on the way goes to the client; one that leaves meanwhile ends the call. */
async function step(call: RpcCall, held: Parked, ask: Ask): Promise<Outcome<ParkStep>> {
  const { house, caller, line } = call;
  const { server, parkId } = held;
  const leave = (): void => {
    const { keyId } = caller.principal;
    house.waitUntil(atOwner(call, server, async (shard) => ({ ok: true, value: await shard.abandon(keyId, parkId) })));
  };
  if (line.signal.aborted) return failure({ code: "park_lost" });
  line.signal.addEventListener("abort", leave);
  const tell = async (notifications: readonly string[]): Promise<void> => pass(call, parkId, notifications);
  const wantsNews = call.progressTokenText !== undefined || call.client.logLevel !== undefined;
  const stepped = await atOwner(call, server, (shard, revision) => ask(shard, revision, wantsNews ? tell : undefined));
  line.signal.removeEventListener("abort", leave);
  if (stepped.ok) pass(call, parkId, stepped.value.notifications);
  if (stepped.ok || stepped.failure.code !== "shard_unavailable") return stepped;
  // The shard held the call: with it went what there was to know.
  const evidence = "the shard that held the call went away";
  return failure({ code: "outcome_unknown", server, execution: "unknown", evidence });
}

async function atOwner<T>(
  { house }: RpcCall,
  server: string,
  question: (shard: Shard, revision: number) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const answer = await askOwner(house, (map) => ownerOf(map, server), question);
  return answer.ok ? { ok: true, value: answer.value.value } : answer;
}

/** They belong to the request that took this step: its stream, its token, its log level. */
function pass(call: RpcCall, parkId: string, notifications: readonly string[]): void {
  const hearing = hearingOf(call, "legacy", parkId);
  for (const text of notifications) {
    const method = String(JSON.parse(memberText(text, "method") ?? '""'));
    const notice = hearing.notice(text, method);
    if (notice !== undefined) call.line.send(notice);
  }
}

async function said(call: RpcCall, held: Parked, stepped: Outcome<ParkStep>): Promise<RpcOutcome> {
  if (!stepped.ok) {
    const { failure: reason } = stepped;
    return reason.code === "interaction_required" ? missingFor(reason.asked.split(", ")) : stepped;
  }
  const came = stepped.value;
  if (came.is === "answered") return result(came.resultText);
  const state = JSON.stringify(await sealState(call, held));
  return result(`{"resultType":"input_required","inputRequests":${came.asksText},"requestState":${state}}`);
}
