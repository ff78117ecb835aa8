/**
 * The body of an answer that comes in several frames, as a stream with back pressure: what its reader has taken is
 * granted to the connector anew, so that no more than one credit of unread text ever waits here.
 */
import { firstCredit } from "../../../core/contract/connector-frames.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  readonly chars: number;
}

const encoder = new TextEncoder();
/** Granted in lumps: a frame for each chunk would double their number. */
const lump = firstCredit / 4;

export class AnswerBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #grant: (chars: number) => void;
  readonly #waiting: Chunk[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isHungry = false;
  #hasEnded = false;
  #allowed = firstCredit;
  #taken = 0;

  constructor(grant: (chars: number) => void, left: () => void) {
    this.#grant = grant;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#feed(),
        cancel: () => left(),
      },
      { highWaterMark: 0 },
    );
  }

  /** False: it is more than was granted. */
  push(text: string, end: boolean): boolean {
    this.#allowed -= text.length;
    if (this.#allowed < 0) return false;
    if (text !== "") this.#waiting.push({ bytes: encoder.encode(text), chars: text.length });
    this.#hasEnded ||= end;
    if (this.#isHungry) this.#feed();
    return true;
  }

  /** The rest will not come. */
  breakOff(error: Error): void {
    this.#waiting.length = 0;
    this.#hasEnded = true;
    try {
      this.#controller?.error(error);
    } catch {
      // Its reader has gone already.
    }
  }

  /** Nor will it, but whoever reads it sees by what there is that it is not whole: what an error would tell in the log only. */
  endShort(): void {
    this.#hasEnded = true;
    if (this.#isHungry) this.#feed();
  }

  #feed(): void {
    const chunk = this.#waiting.shift();
    this.#isHungry = chunk === undefined && !this.#hasEnded;
    if (chunk) this.#take(chunk);
    if (this.#hasEnded && this.#waiting.length === 0) this.#controller?.close();
  }

  #take({ bytes, chars }: Chunk): void {
    this.#controller?.enqueue(bytes);
    this.#taken += chars;
    if (this.#hasEnded || this.#taken < lump) return;
    this.#allowed += this.#taken;
    this.#grant(this.#taken);
    this.#taken = 0;
  }
}
