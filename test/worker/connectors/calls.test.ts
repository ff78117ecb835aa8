/** Calls to servers behind a connector: what reaches them, and what comes back. */
import { describe, expect, it } from "vitest";
import { ask } from "../door.ts";
import { connect, echo, mcp, untilState } from "./fake-connector.ts";

describe("a call to a server behind a connector", () => {
  it("reaches the server and brings its answer back", async () => {
    const connected = await connect({ servers: { memory: mcp(["store"], echo) } });
    const view = await untilState("memory", "ready");
    expect(view).toMatchObject({ kind: "connector", url: "connector://memory", era: "legacy", tools: 1 });
    const called = await ask("/call", { text: `{"tool":"memory__store","arguments":{"n":12345678901234567890}}` });
    expect(called.status, called.text).toBe(200);
    expect(called.text).toContain("12345678901234567890");
    connected.close();
  });
});
