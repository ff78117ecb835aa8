import { describe, expect, it } from "vitest";
import { ingestEntry, ingestTool } from "../../../core/protocol/ingest.ts";

const inputSchema = { type: "object" };

function fault(tool: unknown): string | undefined {
  const taken = ingestTool(JSON.stringify(tool));
  return taken.ok ? undefined : taken.fault;
}

describe("taking a tool into the catalog", () => {
  it("keeps its definition byte for byte", () => {
    const definition =
      '{"name":"t","x":{"unknown":1.0},"inputSchema":{"type":"object","properties":{"n":{"maximum":12345678901234567890}}}}';
    expect(ingestTool(definition)).toMatchObject({ ok: true, value: { definition, description: "" } });
  });

  it("notes what the relay must know", () => {
    const annotations = { readOnlyHint: true, idempotentHint: "yes" };
    const schema = { type: "object", properties: { a: { type: "string", "x-mcp-header": "A" } } };
    const text = JSON.stringify({ name: "t", title: "T", description: "does", inputSchema: schema, annotations });
    expect(ingestTool(text)).toEqual({
      ok: true,
      value: {
        facts: {
          name: "t",
          paramHeaders: [{ header: "Mcp-Param-A", path: ["a"] }],
          readOnly: true,
          idempotent: false,
        },
        description: "does",
        definition: text,
      },
    });
  });

  it("leaves out a tool without a usable name", () => {
    for (const name of [undefined, "", 7, null, "a\u0000b", "a\nb", "\ud800", "x".repeat(129)]) {
      expect(fault({ name, inputSchema })).toBeDefined();
    }
    for (const name of ["x".repeat(128), "a.b/c d", "tööl", "__proto__", "constructor"]) {
      expect(fault({ name, inputSchema })).toBeUndefined();
    }
  });

  it("leaves out a tool that would spoil the whole list for clients", () => {
    for (const odd of [
      { inputSchema: undefined },
      { inputSchema: { type: "string" } },
      { inputSchema: true },
      { outputSchema: "object" },
      { description: 7 },
      { annotations: [] },
    ]) {
      expect(fault({ name: "t", inputSchema, ...odd })).toContain('"t"');
    }
    expect(fault("tool")).toBeDefined();
  });

  it("leaves out a tool whose mirrored parameters are invalid, and says why", () => {
    const schema = { type: "object", properties: { a: { type: "number", "x-mcp-header": "A" } } };
    expect(fault({ name: "t", inputSchema: schema })).toContain("x-mcp-header");
  });

  it("leaves out a tool that is too deep or too long", () => {
    const deep = `{"name":"t","inputSchema":{"type":"object","x":${"[".repeat(70)}${"]".repeat(70)}}}`;
    expect(ingestTool(deep).ok).toBe(false);
    expect(fault({ name: "t", inputSchema, description: "x".repeat(600_000) })).toBeDefined();
  });
});

describe("taking a prompt, resource or template", () => {
  it("knows it by its name or address", () => {
    const definition = '{"uri":"file:///a","size":1.50}';
    expect(ingestEntry(definition, "uri")).toEqual({ ok: true, value: { name: "file:///a", definition } });
    expect(ingestEntry(definition, "name").ok).toBe(false);
    expect(ingestEntry('{"name":""}', "name").ok).toBe(false);
  });
});
