/** What Patchbay is measured against, on the same workerd: (a) a bare Worker that relays, (b) the same through an object. */
import { DurableObject } from "cloudflare:workers";

interface BaselineEnv {
  readonly TARGET: string;
  readonly RELAY: DurableObjectNamespace<Relay>;
}

export class Relay extends DurableObject<BaselineEnv> {
  #page = "";

  async keep(page: string): Promise<void> {
    this.#page = page;
  }

  async page(): Promise<string> {
    return this.#page;
  }

  override fetch(request: Request): Promise<Response> {
    return fetch(new Request(this.env.TARGET, request));
  }
}

export const viaWorker = {
  fetch(request: Request, env: BaselineEnv): Promise<Response> {
    return fetch(new Request(env.TARGET, request));
  },
};

export const viaObject = {
  async fetch(request: Request, env: BaselineEnv): Promise<Response> {
    const relay = env.RELAY.get(env.RELAY.idFromName("relay"));
    return new URL(request.url).pathname === "/page" ? pageOf(request, relay) : relay.fetch(request);
  },
};

/** A text that the object holds in memory: put there, then sent by RPC again and again. */
async function pageOf(request: Request, relay: DurableObjectStub<Relay>): Promise<Response> {
  const text = await request.text();
  if (request.method === "PUT") await relay.keep(text);
  const page = request.method === "PUT" ? "" : await relay.page();
  return new Response(page, { headers: { "content-type": "application/json" } });
}
