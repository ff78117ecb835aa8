/** A tool's reply as `POST /call` answers it: byte for byte where the tool spoke. */
import type { Context } from "hono";
import type { Reply } from "../../core/contract/call.ts";
import type { AppEnv } from "../house.ts";
import { dressing } from "../render/dress.ts";

export function written(
  c: Context<AppEnv>,
  { server, tool, resultText }: Reply,
  durationMs: number,
  requestId = c.get("requestId"),
): Response {
  const head = `{"server":${JSON.stringify(server)},"tool":${JSON.stringify(tool)},"result":`;
  const tail = `,"requestId":"${requestId}","durationMs":${durationMs}}`;
  const headers = dressing(c);
  headers["content-type"] = "application/json";
  return new Response(head + resultText + tail, { headers });
}
