/**
 * HTTP+SSE (2024-11-05): a GET holds the stream on which every answer comes, and names the address to POST to.
 * Nothing of it outlives the call: one stream per call, opened, initialized, used and closed within the deadline.
 */
import type { Networks } from "../../contract/bindings.ts";
import { success, type Outcome } from "../../contract/outcome.ts";
import { initializeParams, legacy } from "../../protocol/eras/legacy.ts";
import { nextRequestId, notificationText, requestText } from "../../protocol/json-rpc.ts";
import { startDeadline } from "../deadline.ts";
import { dial } from "../dial.ts";
import { EventStream, isEventStream } from "../event-stream.ts";
import { hearOut } from "../hear-out.ts";
import { judgeStatus } from "../judge-status.ts";
import type { Answer, Bounds, Exchange } from "../link.ts";
import type { Pending } from "../pending.ts";
import { postBeside } from "../post.ts";
import { discard } from "../read-body.ts";
import { waitForAnswer } from "../read-stream.ts";
import { broken, notExecuted, refuse, timedOut } from "../refusal.ts";
import { streamHeaders } from "../request-headers.ts";
import type { KindWire } from "./kind-wire.ts";

/** An open stream and the address that goes with it. */
interface Channel {
  readonly stream: EventStream;
  readonly endpoint: string;
}

async function exchange(x: Exchange, bounds: Bounds, networks: Networks): Promise<Outcome<Answer>> {
  const deadline = startDeadline(bounds);
  if (!deadline) return timedOut(x, 0, "not_executed");
  const begin = (): Pending => ({ x, id: nextRequestId(), bounds, deadline, networks });
  try {
    const opened = await open(begin());
    // Nothing was asked yet, so nothing ran.
    if (!opened.ok) return notExecuted(opened);
    const channel = opened.value;
    try {
      if (x.method === "initialize") return await ask(begin(), channel, x.method, x.paramsText);
      const greeted = await greet(x, begin, channel);
      if (!greeted.ok) return notExecuted(greeted);
      return await ask(begin(), channel, x.method, legacy.params(x.paramsText, x.connection, x));
    } finally {
      channel.stream.close();
    }
  } finally {
    deadline.stop();
  }
}

/** What a session that lasts is told once, this one is told each time. */
async function greet(x: Exchange, begin: () => Pending, channel: Channel): Promise<Outcome<unknown>> {
  const greeted = await ask(begin(), channel, "initialize", initializeParams(x.clientCapabilitiesText));
  if (!greeted.ok) return greeted;
  const told = await send(begin(), channel, notificationText("notifications/initialized"));
  if (!told.ok || x.logLevel === undefined) return told;
  await order(begin(), channel, "logging/setLevel", JSON.stringify({ level: x.logLevel }));
  return told;
}

async function listen(pending: Pending, resources: readonly string[]): Promise<Outcome<void>> {
  const { x } = pending;
  const begin = (): Pending => ({ ...pending, id: nextRequestId() });
  const opened = await open(begin());
  if (!opened.ok) return opened;
  const { stream, endpoint } = opened.value;
  try {
    const greeted = await greet(x, begin, opened.value);
    if (!greeted.ok) return greeted;
    for (const uri of resources) {
      await order(begin(), opened.value, "resources/subscribe", JSON.stringify({ uri }));
    }
    pending.bounds.hooks?.onOpen?.();
    const heard = await hearOut({ ...pending, replyUrl: endpoint }, stream, (text) =>
      postBeside(pending, text, endpoint),
    );
    if (heard.is === "ended") return success(undefined);
    return heard.is === "refused" ? heard.refused : refuse(x, "server_unreachable", "the stream broke off");
  } finally {
    stream.close();
  }
}

async function open(pending: Pending): Promise<Outcome<Channel>> {
  const { x, bounds, deadline, networks } = pending;
  const { url, network } = x.connection;
  try {
    const headers = streamHeaders(x.connection);
    const response = await dial(url, { method: "GET", headers, signal: deadline.signal }, network, networks);
    if (!response.ok) {
      const judged = await judgeStatus(pending, response);
      return judged.ok ? refuse(x, "answer_invalid") : judged;
    }
    if (!isEventStream(response)) {
      discard(response);
      return refuse(x, "answer_invalid", "the GET was not answered with an event stream");
    }
    return await readEndpoint(pending, new EventStream(response, bounds.maxAnswerBytes, undefined, pending.endless));
  } catch (error) {
    return broken(x, deadline, error);
  }
}

/** The first event names the address; one on another origin would be sent our credential. */
async function readEndpoint({ x }: Pending, stream: EventStream): Promise<Outcome<Channel>> {
  let pulled = await stream.next();
  while (pulled.is === "event" && pulled.event.event !== "endpoint") pulled = await stream.next();
  if (pulled.is === "event") {
    const endpoint = URL.parse(pulled.event.data, x.connection.url);
    if (endpoint?.origin === new URL(x.connection.url).origin) return success({ stream, endpoint: endpoint.href });
  }
  stream.close();
  return refuse(x, "answer_invalid", "the stream named no address of its own origin");
}

/** Listens while it sends: some servers answer on the stream before they answer the POST. */
async function ask(asked: Pending, channel: Channel, method: string, paramsText: string): Promise<Outcome<Answer>> {
  const pending = { ...asked, replyUrl: channel.endpoint };
  const say = (text: string) => postBeside(pending, text, channel.endpoint);
  const answered = waitForAnswer(pending, channel.stream, say);
  const sent = send(pending, channel, requestText(pending.id, method, paramsText));
  return Promise.race([answered, sent.then((outcome) => (outcome.ok ? answered : outcome))]);
}

/** A request whose answer changes nothing: a server that cannot do it goes on as it is. */
function order(pending: Pending, channel: Channel, method: string, paramsText: string): Promise<Outcome<void>> {
  return send(pending, channel, requestText(pending.id, method, paramsText));
}

async function send(pending: Pending, channel: Channel, text: string): Promise<Outcome<void>> {
  try {
    const response = await postBeside(pending, text, channel.endpoint);
    if (!response.ok) {
      const judged = await judgeStatus(pending, response);
      return judged.ok ? success(undefined) : judged;
    }
    discard(response);
    return success(undefined);
  } catch (error) {
    return broken(pending.x, pending.deadline, error);
  }
}

/** Every call says hello and goodbye by itself. */
async function confirm(): Promise<Outcome<void>> {
  return success(undefined);
}

async function end(): Promise<void> {}

export const sse: KindWire = { exchange, listen, confirm, end };
