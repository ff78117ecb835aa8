#!/usr/bin/env node
/**
 * A small MCP server over stdio: `node serve.mjs conversion length`. It names its capability and computes something
 * true about it. A fleet runs many of them, so it is plain JavaScript that reads lines: taking types out at each start
 * would cost twice the memory.
 */
import { faultOf, schemaOf } from "./inputs.mjs";

// Revisions of MCP whose `initialize`, `ping` and tools are the same for a server as small as this one.
const versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

const [capability = "", variant = ""] = process.argv.slice(2);
const { family, verb, variants } = await load(capability);
const own = Object.hasOwn(variants, variant)
  ? variants[variant]
  : end(`${capability} has ${Object.keys(variants).join(", ")}`);

const about = {
  name: "about",
  description: "Says what this server is",
  inputSchema: { type: "object", properties: {}, additionalProperties: false },
};
const tool = { name: verb, description: own.says, inputSchema: schemaOf(own.takes) };
const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

async function load(name) {
  if (!/^[a-z]+$/.test(name)) return end("usage: serve.mjs <capability> <variant>");
  return await import(`./capabilities/${name}.mjs`).catch(() => end(`there is no capability ${name}`));
}

function end(why) {
  console.error(why);
  process.exit(2);
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion: versions.includes(protocolVersion) ? protocolVersion : versions[0],
    capabilities: { tools: {} },
    serverInfo: { name: `example-${capability}-${variant}`, title: `${family}: ${variant}`, version: "1.0.0" },
  }),
  ping: () => ({}),
  "tools/list": () => ({ tools: [tool, about].map((one) => ({ ...one, annotations })) }),
  "tools/call": ({ name, arguments: given = {} }) => {
    if (name === "about")
      return said(`${family} (${variant}), one of the simulated servers of Patchbay's example fleet`);
    if (name !== verb) return said(`there is no tool ${name}; there is ${verb}`, true);
    const fault = faultOf(own.takes, given);
    return fault === undefined ? compute(given) : said(fault, true);
  },
};

function compute(given) {
  try {
    const value = own.does(given);
    return said(typeof value === "string" ? value : JSON.stringify(value));
  } catch (reason) {
    return said(reason.message, true);
  }
}

function said(words, isError = false) {
  return { content: [{ type: "text", text: words }], ...(isError && { isError }) };
}

function answer(line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    return { id: null, error: { code: -32_700, message: "this line is not JSON" } };
  }
  const { id, method, params = {} } = message ?? {};
  if (id === undefined || method === undefined) return undefined;
  if (!Object.hasOwn(methods, method)) return { id, error: { code: -32_601, message: `there is no method ${method}` } };
  return { id, result: methods[method](params) };
}

let unread = "";
process.stdin.setEncoding("utf8");
for await (const part of process.stdin) {
  const lines = (unread + part).split("\n");
  unread = lines.pop();
  for (const line of lines) {
    const reply = line.trim() === "" ? undefined : answer(line);
    if (reply !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...reply })}\n`);
  }
}
