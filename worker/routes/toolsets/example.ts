import type { ToolsetView } from "./view.ts";

/** What the documents show. */
export const exampleToolset: ToolsetView = {
  id: "research",
  title: "Research",
  description: null,
  instructions: "Search before you answer.",
  servers: ["search", "files"],
  tools: { deny: ["files__write*"] },
  prompts: null,
  resources: { allow: ["file:///papers/*"] },
  overrides: {
    search__query: { name: "search_web", fixedArguments: { region: "eu" } },
  },
  naming: "conflict",
  createdAt: "2026-10-23T09:00:00.000Z",
  updatedAt: "2026-10-23T09:00:00.000Z",
};
