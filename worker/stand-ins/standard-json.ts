/**
 * Stands in for `@standard-community/standard-json`, through which hono-openapi asks any schema library for JSON
 * Schema. It loads each library by `import()`, and a bundler then keeps all of them whole: zod 4, zod 3 and its converter.
 * Here every schema is zod 4's. scripts/start/bundle.ts and `[alias]` in wrangler.toml put it in place.
 */
import { z } from "zod";

export function toJsonSchema(schema: z.ZodType, options?: Parameters<typeof z.toJSONSchema>[1]): Promise<unknown> {
  return Promise.resolve(z.toJSONSchema(schema, options));
}

/** Nobody calls it; hono-openapi wants it to be there. */
export function loadVendor(): void {}
