/** The balancing policies, by the name that operators use. To add one: its file, and one line here. */
import type { Balancing } from "./candidate.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { roundRobin } from "./round-robin.ts";
import { sticky } from "./sticky.ts";
import { weighted } from "./weighted.ts";

export type { Balancing, Candidate, Draw } from "./candidate.ts";

export const balancings = {
  power_of_two: powerOfTwo,
  round_robin: roundRobin,
  weighted,
  sticky,
} satisfies Record<string, Balancing>;
