/** One HTTP request from outside, over connections that are kept, with an optional certificate to trust. */
import { Agent as HttpAgent, request as requestHttp, type IncomingHttpHeaders } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { parseJson } from "../../scripts/start/json.ts";

export interface HttpInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly ca?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

export function callHttp(url: string, init: HttpInit = {}): Promise<HttpAnswer> {
  const { method = "GET", headers = {}, body, ca } = init;
  const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const options = {
    method,
    headers: {
      ...(payload !== undefined && {
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(payload),
      }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:")
      ? requestHttps(url, { ...options, agent: httpsAgent, ...(ca !== undefined && { ca }) })
      : requestHttp(url, { ...options, agent: httpAgent });
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parseJson(text) }),
      );
    });
    request.end(payload);
  });
}
