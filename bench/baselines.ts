/** What Patchbay is measured against, on the same workerd: (a) a bare Worker that relays, (b) the same through an object. */
import { DurableObject } from "cloudflare:workers";

interface BaselineEnv {
  readonly TARGET: string;
  readonly RELAY: DurableObjectNamespace;
}

export class Relay extends DurableObject<BaselineEnv> {
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
  fetch(request: Request, env: BaselineEnv): Promise<Response> {
    return env.RELAY.get(env.RELAY.idFromName("relay")).fetch(request);
  },
};
