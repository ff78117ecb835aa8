/**
 * The tokens that an isolate holds on lease: blocks with a name and an end each. Taken oldest first, so that few
 * expire. What was used of each, and what expired unused, is told with the next ask; each token is told once.
 */
import type { LeaseReport } from "../../core/contract/leases.ts";

interface Block {
  readonly lease: string;
  readonly endsAt: number;
  tokens: number;
  /** Used since the last ask told of it. */
  used: number;
}

export interface Blocks {
  readonly held: Block[];
  /** Of blocks that have ended, to be told with the next ask. */
  ended: LeaseReport[];
}

export function noBlocks(): Blocks {
  return { held: [], ended: [] };
}

/** An unlimited grant replaces what was there; the others add up. */
export function addBlock(blocks: Blocks, lease: string, tokens: number, endsAt: number): void {
  if (tokens === Infinity) blocks.held.length = 0;
  if (tokens > 0) blocks.held.push({ lease, endsAt, tokens, used: 0 });
}

/** Takes one token; false when none is left. */
export function takeToken(blocks: Blocks, now: number): boolean {
  for (let block = blocks.held[0]; block !== undefined; block = blocks.held[0]) {
    if (block.endsAt > now && block.tokens >= 1) {
      block.tokens -= 1;
      block.used += 1;
      return true;
    }
    blocks.held.shift();
    if (block.tokens !== Infinity) blocks.ended.push({ lease: block.lease, unused: block.tokens, used: block.used });
  }
  return false;
}

/** Puts back a token that was taken for a call which another limit then refused. One that was told as used is lost. */
export function returnToken(blocks: Blocks): void {
  const block = blocks.held[0];
  if (!block || block.used === 0) return;
  block.tokens += 1;
  block.used -= 1;
}

export function tokensLeft(blocks: Blocks): number {
  let left = 0;
  for (const block of blocks.held) left += block.tokens;
  return left;
}

/** Empties the counts into the ask that carries them home. */
export function collectReports(blocks: Blocks | undefined): LeaseReport[] {
  if (!blocks) return [];
  const reports = blocks.ended;
  blocks.ended = [];
  for (const block of blocks.held) {
    if (block.used === 0 || block.tokens === Infinity) continue;
    reports.push({ lease: block.lease, unused: 0, used: block.used });
    block.used = 0;
  }
  return reports;
}

let isolate = "";
let count = 0;

/** A name that no other lease bears. Made on first use: isolates may not draw random numbers while they start. */
export function nextLeaseName(): string {
  isolate ||= crypto.randomUUID().slice(0, 8);
  count += 1;
  return `${isolate}.${count}`;
}
