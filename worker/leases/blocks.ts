/**
 * The tokens that an isolate holds on lease: blocks with an end each. Taken oldest first, so that few expire;
 * what expires unused is counted, and given back with the next ask.
 */
export interface Blocks {
  held: { tokens: number; endsAt: number }[];
  /** Expired tokens that nobody used, to be given back. */
  unused: number;
  /** Tokens used out of held blocks since the last ask, to be told: their place in the bucket is free again. */
  used: number;
}

/** What an ask carries home of earlier leases. */
export interface Report {
  readonly unused: number;
  readonly used: number;
}

export function noBlocks(): Blocks {
  return { held: [], unused: 0, used: 0 };
}

export function addBlock(blocks: Blocks, tokens: number, endsAt: number): void {
  if (tokens > 0) blocks.held.push({ tokens, endsAt });
}

/** Takes one token; false when none is left. */
export function takeToken(blocks: Blocks, now: number): boolean {
  for (let block = blocks.held[0]; block !== undefined; block = blocks.held[0]) {
    if (block.endsAt > now && block.tokens >= 1) {
      block.tokens -= 1;
      blocks.used += 1;
      return true;
    }
    if (block.tokens !== Infinity) blocks.unused += block.tokens;
    blocks.held.shift();
  }
  return false;
}

/** Puts a token back that was taken for a call that another limit then refused. */
export function returnToken(blocks: Blocks): void {
  const block = blocks.held[0];
  if (!block) {
    blocks.unused += 1;
    return;
  }
  block.tokens += 1;
  blocks.used = Math.max(0, blocks.used - 1);
}

export function tokensLeft(blocks: Blocks): number {
  let left = 0;
  for (const block of blocks.held) left += block.tokens;
  return left;
}

/** Empties the counts into the ask that carries them home. */
export function collectReport(blocks: Blocks | undefined): Report {
  if (!blocks) return { unused: 0, used: 0 };
  const report = { unused: blocks.unused, used: blocks.used };
  blocks.unused = 0;
  blocks.used = 0;
  return report;
}
