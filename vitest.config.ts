import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const secret = "test1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

export default defineConfig({
  test: {
    // Much of the time is spent waiting: for programs to start, for limits to refill, for servers that hang.
    maxWorkers: 2,
    projects: [
      {
        // Pure rooms, and the upstream room against real servers: plain Node.
        test: {
          name: "core",
          include: ["test/core/**/*.test.ts", "test/conformance/**/*.test.ts", "test/*.test.ts"],
          environment: "node",
          testTimeout: 20_000,
        },
      },
      {
        // Objects and routes, inside workerd.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                PATCHBAY_SECRET: secret,
                PATCHBAY_ADMIN_KEY: "test-admin-key-0123456789abcdef",
                BIND: "loopback",
              },
            },
          }),
        ],
        test: {
          name: "workers",
          include: ["test/durable-objects/**/*.test.ts", "test/worker/**/*.test.ts"],
          testTimeout: 20_000,
          deps: { optimizer: { ssr: { enabled: true, include: ["itty-durable", "standardwebhooks"] } } },
        },
      },
      {
        // The connector with real child processes, against a gateway that only speaks its frames: plain Node.
        test: {
          name: "connector",
          include: ["test/connector/**/*.test.ts"],
          environment: "node",
          testTimeout: 30_000,
          hookTimeout: 30_000,
          fileParallelism: false,
        },
      },
      {
        // The whole thing as its users run it: `npm start`, real workerd, real servers.
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          environment: "node",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
