/** What a client hears of a call while it runs, and what its server is told that it can do. */
import { describe, expect, it } from "vitest";
import {
  canBeAsked,
  capabilityFor,
  carriedCapabilities,
  declares,
  knowsTasks,
  missingFor,
} from "../../../worker/mcp/bridge/capabilities.ts";
import { readInputRequired } from "../../../worker/mcp/bridge/input-required.ts";
import { noticeFor, type Hearer } from "../../../worker/mcp/bridge/notices.ts";

function note(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method: `notifications/${method}`, params });
}

function heard(hearer: Hearer, method: string, params: object = {}, serverEra: "legacy" | "modern" = "legacy") {
  return noticeFor(hearer, note(method, params), `notifications/${method}`, serverEra);
}

const legacy: Hearer = { era: "legacy" };
const modern: Hearer = { era: "modern" };

describe("progress", () => {
  const asked = { progress: { ours: "p-1", theirsText: "7" } } as const;

  it("comes under the client's own token, a number where it was one", () => {
    const params = { progressToken: "p-1", progress: 1 };
    expect(heard({ ...modern, ...asked }, "progress", params)).toBe(note("progress", { ...params, progressToken: 7 }));
  });

  it("of another call, or asked for by nobody, does not come", () => {
    expect(heard({ ...legacy, ...asked }, "progress", { progressToken: "p-2", progress: 1 })).toBeUndefined();
    expect(heard(legacy, "progress", { progressToken: "p-1", progress: 1 })).toBeUndefined();
  });
});

describe("a log message", () => {
  it("is for a modern client that named a level, and of that level or above", () => {
    expect(heard(modern, "message", { level: "emergency" })).toBeUndefined();
    const wants: Hearer = { era: "modern", logLevel: "warning" };
    expect(heard(wants, "message", { level: "notice" })).toBeUndefined();
    expect(heard(wants, "message", { level: "warning" })).toContain("warning");
    expect(heard(wants, "message", { level: "error" })).toContain("error");
  });

  it("is for a legacy client as the server thinks right, until it has named a level", () => {
    expect(heard(legacy, "message", { level: "debug" })).toContain("debug");
    expect(heard({ era: "legacy", logLevel: "info" }, "message", { level: "debug" })).toBeUndefined();
  });

  it("without a level that anybody knows is not held back", () => {
    expect(heard({ era: "legacy", logLevel: "error" }, "message", { level: "loud" })).toContain("loud");
    expect(heard({ era: "legacy", logLevel: "error" }, "message", {})).toBeDefined();
  });
});

describe("anything else that a server says", () => {
  it("of lists that changed is told elsewhere, when ours have", () => {
    expect(heard(legacy, "tools/list_changed")).toBeUndefined();
  });

  it("is for legacy clients when only their era knows it", () => {
    expect(heard(legacy, "resources/updated", { uri: "a:b" })).toBeDefined();
    expect(heard(modern, "resources/updated", { uri: "a:b" })).toBeUndefined();
  });

  it("is passed on between two of one era when no specification knows it", () => {
    expect(heard(legacy, "acme/hello", {}, "legacy")).toBeDefined();
    expect(heard(modern, "acme/hello", {}, "modern")).toBeDefined();
    expect(heard(modern, "acme/hello", {}, "legacy")).toBeUndefined();
    expect(heard(legacy, "acme/hello", {}, "modern")).toBeUndefined();
  });
});

describe("a client's capabilities", () => {
  it("say what it can be asked", () => {
    expect(declares('{"sampling":{}}', "sampling")).toBe(true);
    expect(declares('{"sampling":true}', "sampling")).toBe(false);
    expect(canBeAsked('{"roots":{"listChanged":true}}')).toBe(true);
    expect(canBeAsked('{"experimental":{}}')).toBe(false);
    expect(capabilityFor("roots/list")).toBe("roots");
    expect(capabilityFor("ping")).toBeUndefined();
  });

  it("are told to servers as they were written, but for what cannot be carried", () => {
    const own =
      '{ "sampling" : {}, "acme": 1e400, "tasks":{"list":{}}, "extensions":{"a/b":{},"io.modelcontextprotocol/tasks":{}} }';
    expect(carriedCapabilities(own, true)).toBe('{"sampling" : {},"acme": 1e400,"extensions":{"a/b":{}}}');
    expect(carriedCapabilities('{"elicitation":{},"roots":{}}', true)).toBe('{"elicitation":{},"roots":{}}');
    expect(carriedCapabilities('{"elicitation":{},"experimental":{}}', false)).toBe('{"experimental":{}}');
  });

  it("know tasks when the extension is declared, and not for a word that looks like it", () => {
    expect(knowsTasks('{"extensions":{"io.modelcontextprotocol/tasks":{}}}')).toBe(true);
    expect(knowsTasks('{"tasks":{}}')).toBe(false);
    expect(knowsTasks('{"extensions":{"io.modelcontextprotocol/tasks":null}}')).toBe(false);
  });

  it("are named where one is missing, as the specification prescribes", () => {
    const outcome = missingFor(["sampling/createMessage", "roots/list"]);
    const error = "error" in outcome ? outcome.error : undefined;
    expect(error).toMatchObject({ code: -32021, status: 400 });
    expect(JSON.parse(error?.dataText ?? "")).toEqual({ requiredCapabilities: { roots: {}, sampling: {} } });
  });
});

describe("an input_required result", () => {
  it("is read without touching what it asks or its state", () => {
    const result =
      '{"inputRequests":{"a":{"method":"roots/list"},"b":{ "method":"x/y","params":{"n":1.50}}},"requestState":"s\\u0041"}';
    expect(readInputRequired(result)).toEqual({
      requests: [
        { key: "a", method: "roots/list", text: '{"method":"roots/list"}' },
        { key: "b", method: "x/y", text: '{ "method":"x/y","params":{"n":1.50}}' },
      ],
      stateText: '"s\\u0041"',
    });
  });

  it("is none when it neither asks nor wants to be asked again", () => {
    expect(readInputRequired("{}")).toBeUndefined();
    expect(readInputRequired('{"inputRequests":{}}')).toBeUndefined();
    expect(readInputRequired('{"inputRequests":[1]}')).toBeUndefined();
    expect(readInputRequired('{"inputRequests":{"a":{}}}')).toBeUndefined();
    expect(readInputRequired('{"requestState":7}')).toBeUndefined();
    expect(readInputRequired('{"requestState":"later"}')).toEqual({ requests: [], stateText: '"later"' });
  });
});
