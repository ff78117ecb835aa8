/** Bytes to lines. A line is decoded as one, so that no character is cut in two. */
export const largestLine = 33_554_432;

const lineFeed = 0x0a;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const lenient = new TextDecoder("utf-8");

export class LineSplitter {
  readonly #largest: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(largest = largestLine) {
    this.#largest = largest;
  }

  /** False: a line has no end within what is allowed. `isIntact` is false of text that was not UTF-8. */
  push(chunk: Buffer, onLine: (text: string, isIntact: boolean) => void): boolean {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      const rest = chunk.subarray(from, end);
      const line = this.#heldBytes === 0 ? rest : Buffer.concat([...this.#held, rest]);
      this.#held = [];
      this.#heldBytes = 0;
      from = end + 1;
      if (line.length > this.#largest) return false;
      decode(line, onLine);
    }
    if (from < chunk.length) {
      this.#held.push(chunk.subarray(from));
      this.#heldBytes += chunk.length - from;
    }
    return this.#heldBytes <= this.#largest;
  }
}

function decode(line: Buffer, onLine: (text: string, isIntact: boolean) => void): void {
  let text: string;
  let isIntact = true;
  try {
    text = strict.decode(line);
  } catch {
    text = lenient.decode(line);
    isIntact = false;
  }
  // Outside of strings a carriage return is white space, inside it may not stand; on an event stream it ends a line.
  if (text.includes("\r")) text = text.replaceAll("\r", " ");
  text = text.trim();
  if (text !== "") onLine(text, isIntact);
}
