import { z } from "zod";

export const trafficSchema = z
  .object({
    calls: z.int(),
    failures: z.int(),
    bytesIn: z.int(),
    bytesOut: z.int(),
    p50Ms: z.number(),
    p90Ms: z.number(),
    p99Ms: z.number(),
  })
  .meta({ id: "Traffic" });
