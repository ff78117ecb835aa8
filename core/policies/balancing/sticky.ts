/**
 * The same key, the same replica, as long as that one may be used: rendezvous hashing by weight, so that when one comes or
 * goes only the keys that it wins or loses move (Schindelhauer and Schomaker, "Weighted distributed hash tables").
 */
import { hashText } from "../stable-hash.ts";
import type { Balancing } from "./candidate.ts";

export const sticky: Balancing = (candidates, { key = "" }) =>
  candidates
    .map((candidate) => ({ candidate, score: scoreOf(key, candidate.replica, candidate.weight) }))
    .sort((a, b) => b.score - a.score || (a.candidate.replica < b.candidate.replica ? -1 : 1))
    .map(({ candidate }) => candidate);

function scoreOf(key: string, replica: string, weight: number): number {
  if (weight <= 0) return 0;
  // From above 0 to below 1, so that the logarithm is a number other than 0.
  const share = (hashText(`${key}\n${replica}`) + 0.5) / 2 ** 32;
  return -weight / Math.log(share);
}
