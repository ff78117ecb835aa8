/**
 * One HTTP exchange over a connector's socket: the request goes out in numbered frames, within the connector's credit,
 * and the answer comes back likewise. Memory only: while one is under way the object does not hibernate, and when the
 * object dies its sockets break, which the connector takes for the end of all its exchanges.
 */
import { firstCredit, type ConnectorFrame } from "../../../core/contract/connector-frames.ts";
import { frameText, partsOf } from "../../../core/protocol/connector-frames.ts";
import { NotSent } from "../../../core/upstream/not-sent.ts";
import { AnswerBody } from "./answer-body.ts";
import { responseOf } from "./response.ts";

export interface Request {
  readonly server: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The socket, to one exchange on it. */
export interface Wire {
  send(frame: string): void;
  /** Frames of this exchange are of no interest any more. */
  done(id: number): void;
}

type HeadFrame = Extract<ConnectorFrame, { t: "head" }>;
type FailFrame = Extract<ConnectorFrame, { t: "fail" }>;

const largestPart = 131_072;

export class Exchange {
  readonly id: number;
  readonly answer: Promise<Response>;
  readonly #wire: Wire;
  readonly #answered = Promise.withResolvers<Response>();
  #unsent: string | undefined;
  #isListening = false;
  #sentFrames = 0;
  #credit = firstCredit;
  #heardFrames = 0;
  #body: AnswerBody | undefined;
  #isOver = false;

  constructor(id: number, wire: Wire) {
    this.id = id;
    this.#wire = wire;
    this.answer = this.#answered.promise;
  }

  begin({ server, method, headers, body }: Request): void {
    this.#unsent = body;
    this.#isListening = method === "GET";
    this.#send((part, end) => frameText({ t: "open", id: this.id, n: 0, server, method, headers, end }, part));
    this.#sendOn();
  }

  /** The connector has read some of the request. */
  credited(chars: number): void {
    this.#credit += chars;
    this.#sendOn();
  }

  /** These two answer whether the frame is in order. */
  heardHead({ n, status, headers, end }: HeadFrame, text: string): boolean {
    if (n !== 0 || this.#heardFrames !== 0) return false;
    this.#heardFrames = 1;
    if (!end) this.#body = this.#newBody();
    const inOrder = this.#body?.push(text, false) ?? true;
    const response = responseOf(status, headers, this.#body?.stream ?? text);
    if (response) this.#answered.resolve(response);
    else this.#answered.reject(new Error("the connector's answer has headers that are none"));
    if (end) this.#end();
    else if (!response) this.cancel();
    return inOrder;
  }

  heardBody(n: number, text: string, end: boolean): boolean {
    if (this.#body === undefined || n !== this.#heardFrames) return false;
    this.#heardFrames += 1;
    const inOrder = this.#body.push(text, end);
    if (end) this.#end();
    return inOrder;
  }

  failed({ sent, reason }: FailFrame): void {
    if (sent || this.#body) this.#break(new Error(reason));
    else this.#break(new NotSent(reason));
  }

  /** The socket is gone. A request of which the last part has not left cannot have been carried out. */
  lost(reason: string): void {
    this.#break(this.#unsent === undefined ? new Error(reason) : new NotSent(reason));
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#wire.send(frameText({ t: "cancel", id: this.id }));
    this.#break(new Error("cancelled"));
  }

  #newBody(): AnswerBody {
    const grant = (chars: number): void => {
      if (!this.#isOver) this.#wire.send(frameText({ t: "credit", id: this.id, chars }));
    };
    return new AnswerBody(grant, () => this.cancel());
  }

  #sendOn(): void {
    while (this.#unsent !== undefined && this.#credit > 1 && !this.#isOver) {
      this.#send((part, end) => frameText({ t: "body", id: this.id, n: this.#sentFrames, end }, part));
    }
  }

  #send(frameOf: (part: string, end: boolean) => string): void {
    const rest = this.#unsent ?? "";
    const [first] = partsOf(rest, Math.min(this.#credit, largestPart));
    const { part, end } = first ?? { part: "", end: true };
    this.#wire.send(frameOf(part, end));
    this.#sentFrames += 1;
    this.#credit -= part.length;
    this.#unsent = end ? undefined : rest.slice(part.length);
  }

  #break(error: Error): void {
    if (this.#isOver) return;
    this.#end();
    this.#answered.reject(error);
    // An answer shows that it is cut off. A stream that is listened to does not, and is to be opened again.
    if (this.#isListening) this.#body?.breakOff(error);
    else this.#body?.endShort();
  }

  #end(): void {
    this.#isOver = true;
    this.#wire.done(this.id);
  }
}
