/**
 * A legacy server's requests on their way to a legacy client, each under a sealed id of ours: the client's response
 * finds its way back by it (responses.ts), wherever it is posted. What is sent keeps its order though sealing takes a
 * moment.
 */
import { memberText } from "../../../core/protocol/json-text.ts";
import { withMember, withoutMetaMember } from "../../../core/protocol/result-text.ts";
import type { ServerRequest } from "../../../core/upstream/link.ts";
import type { House } from "../../house.ts";
import type { Line, Session } from "../rpc-call.ts";
import { canBeAsked, capabilityFor, declares } from "./capabilities.ts";
import { sealAsk } from "./sealed.ts";

/** Who asks, and so where the answer goes. */
export interface Asker {
  readonly server: string;
  readonly replica: string;
}

export class Forwarding {
  readonly #house: House;
  readonly #session: Session | undefined;
  readonly #asker: Asker;
  readonly #line: Pick<Line, "carries" | "send">;
  /** Our ids, as JSON, by the server's. */
  readonly #ids = new Map<string, string>();
  #tail: Promise<void> | undefined;

  constructor(house: House, session: Session | undefined, asker: Asker, line: Pick<Line, "carries" | "send">) {
    this.#house = house;
    this.#session = session;
    this.#asker = asker;
    this.#line = line;
  }

  /** Whether there is anything at all that this client can be asked. */
  get canAsk(): boolean {
    return this.#session !== undefined && this.#line.carries && canBeAsked(this.#session.capabilitiesText);
  }

  /** False: this client cannot be asked that. */
  take(request: ServerRequest): boolean {
    const capability = capabilityFor(request.method);
    const session = this.#session;
    if (capability === undefined || session === undefined || !this.#line.carries) return false;
    if (!declares(session.capabilitiesText, capability)) return false;
    this.#enqueue(() => this.#forward(session, request));
    return true;
  }

  send(text: string): void {
    if (this.#tail === undefined) this.#line.send(text);
    else this.#enqueue(async () => this.#line.send(text));
  }

  /** The server waits no longer for an answer. `text`: its `notifications/cancelled`. */
  withdraw(text: string): void {
    this.#enqueue(async () => {
      const params = memberText(text, "params") ?? "{}";
      const ours = this.#ids.get(memberText(params, "requestId") ?? "");
      if (ours !== undefined) this.#line.send(withMember(text, "params", withMember(params, "requestId", ours)));
    });
  }

  /** Everything that was taken has been sent. */
  async done(): Promise<void> {
    await this.#tail;
  }

  async #forward(session: Session, { idText, text, replyUrl }: ServerRequest): Promise<void> {
    const url = replyUrl === undefined ? {} : { replyUrl };
    const ask = { is: "servers", ...this.#asker, idText, ...url } as const;
    const id = JSON.stringify(await sealAsk(this.#house, session, ask));
    this.#ids.set(idText, id);
    this.#line.send(withMember(withoutToken(text), "id", id));
  }

  #enqueue(work: () => Promise<void>): void {
    this.#tail = (this.#tail ?? Promise.resolve()).then(work);
  }
}

/** Progress of a question would have to find its way back, too; a server does without. */
function withoutToken(text: string): string {
  const params = memberText(text, "params");
  return params === undefined ? text : withMember(text, "params", withoutMetaMember(params, "progressToken"));
}
