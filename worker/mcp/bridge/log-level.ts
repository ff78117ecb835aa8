/**
 * A legacy server that logs is told once per connection how much a legacy client wants to hear (2025-11-25, "logging");
 * a modern one hears it with each call. What has been told is remembered per isolate: to tell it twice does no harm.
 */
import type { Connection } from "../../../core/contract/call.ts";
import { exchange } from "../../../core/upstream/exchange.ts";
import { findEndpoint } from "../endpoint.ts";
import type { RpcCall } from "../rpc-call.ts";
import { declares } from "./capabilities.ts";
import { networksOf } from "../../networks.ts";

const toldMs = 5_000;
const mostTold = 5_000;

/** The level that each connection has heard last. */
const told = new Map<string, string>();

/** Ends before the call is sent, so that the level holds for it. A server that will not hear it logs as it likes. */
export async function tellLogLevel(call: RpcCall, server: string, connection: Connection | undefined): Promise<void> {
  const { session, logLevel } = call.client;
  if (!session || logLevel === undefined || connection?.era !== "legacy" || connection.sessionId === undefined) return;
  const name = `${session.id} ${server} ${connection.replica} ${connection.generation}`;
  if (told.get(name) === logLevel) return;
  const introduced = await findEndpoint(call.house, { is: "server", server });
  if (introduced.ok && !declares(introduced.value.capabilitiesText, "logging")) return;
  if (told.size >= mostTold) told.clear();
  told.set(name, logLevel);
  const paramsText = JSON.stringify({ level: logLevel });
  const bounds = { deadlineAt: Date.now() + toldMs, maxAnswerBytes: 65_536, signal: call.line.signal };
  await exchange(
    { connection, server, method: "logging/setLevel", paramsText, safe: true },
    bounds,
    networksOf(call.house),
  );
}
