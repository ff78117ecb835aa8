/**
 * Stands in for zod's index of languages, 260 KB that a bundler cannot drop from `import { z } from "zod"`. English
 * is what the gateway speaks. Put in place as standard-json.ts is.
 */
export { default as en } from "zod/v4/locales/en.js";
