/** An HTTPS server that greets as a gateway does, with the certificate and the clock that a test wants. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { generate } from "selfsigned";
import { close, listen } from "./fleet-simulator.ts";
import { temporaryFolder } from "./gateway.ts";

export interface SecureServer {
  readonly url: string;
  /** What makes Node trust it. */
  readonly trust: Readonly<Record<string, string>>;
  /** The keys that it was sent. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

interface Wanted {
  /** 127.0.0.1 when left out. */
  readonly name?: string;
  /** From when to when it is good, in days from now. */
  readonly days?: readonly [from: number, to: number];
  /** How many seconds its clock is ahead. */
  readonly skew?: number;
}

const dayMs = 86_400_000;

/** Its certificate's folder goes with `cleanUp`. */
export async function startSecureServer({ name, days = [-1, 90], skew = 0 }: Wanted): Promise<SecureServer> {
  const now = Date.now();
  const pems = await generate([{ name: "commonName", value: "somebody" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now + days[0] * dayMs),
    notAfterDate: new Date(now + days[1] * dayMs),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [name ? { type: 2, value: name } : { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  const path = join(temporaryFolder(), "certificate.pem");
  writeFileSync(path, pems.cert);
  const heard: string[] = [];
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) heard.push(authorization);
    response.setHeader("Date", new Date(Date.now() + skew * 1000).toUTCString());
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ name: "Patchbay", version: "0.1.0", shards: [] }));
  });
  const port = await listen(server);
  return {
    url: `https://127.0.0.1:${port}`,
    trust: { NODE_EXTRA_CA_CERTS: path },
    heard,
    stop: () => close(server),
  };
}
