/** Real servers that are too heavy to be installed with the project: how to start them, and what they are known to have. */
export interface Recipe {
  /** The id it is registered under. */
  readonly id: string;
  /** npm package and exact version. */
  readonly name: string;
  readonly version: string;
  readonly program: string;
  args(port: number): readonly string[];
  /** Where it is reached. Some look at the Host header, so not every name of this machine will do. */
  url(port: number): string;
  readonly era: "legacy" | "modern";
  /** So many tools this version has. */
  readonly tools: number;
}

const chart = { name: "@antv/mcp-server-chart", version: "0.9.10", program: "mcp-server-chart" } as const;
const playwright = { name: "@playwright/mcp", version: "0.0.83", program: "playwright-mcp" } as const;

export const recipes: readonly Recipe[] = [
  {
    ...chart,
    id: "chart",
    args: (port) => ["-t", "streamable", "-p", String(port)],
    url: (port) => `http://127.0.0.1:${port}/mcp`,
    era: "legacy",
    tools: 27,
  },
  {
    ...chart,
    id: "chart-sse",
    args: (port) => ["-t", "sse", "-p", String(port)],
    url: (port) => `http://127.0.0.1:${port}/sse`,
    era: "legacy",
    tools: 27,
  },
  {
    id: "figma",
    name: "figma-developer-mcp",
    version: "0.13.2",
    program: "figma-developer-mcp",
    args: (port) => ["--port", String(port), "--figma-api-key", "none", "--no-telemetry"],
    url: (port) => `http://127.0.0.1:${port}/mcp`,
    era: "legacy",
    tools: 2,
  },
  {
    id: "context7",
    name: "@upstash/context7-mcp",
    version: "4.1.1",
    program: "context7-mcp",
    args: (port) => ["--transport", "http", "--port", String(port)],
    url: (port) => `http://127.0.0.1:${port}/mcp`,
    era: "modern",
    tools: 2,
  },
  {
    ...playwright,
    id: "playwright",
    args: (port) => ["--port", String(port), "--headless"],
    url: (port) => `http://localhost:${port}/mcp`,
    era: "legacy",
    tools: 25,
  },
];
