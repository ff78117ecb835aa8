/** Addresses that a user must open first: each era says it another way. */
import { describe, expect, it } from "vitest";
import { legacy, modern, resultOf, stream } from "./client.ts";
import { act, legacyServer, modernServer, serve, sessionAt } from "./scripted.ts";

const wanted = '{"mode":"url","elicitationId":"e1","url":"https://bank.example/consent","message":"Consent first"}';
const required = `"error":{"code":-32042,"message":"consent","data":{"elicitations":[${wanted}]}}`;
const opensUrls = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } };

describe("a legacy server's wish that an address be opened", () => {
  it("is asked of a modern client, which then calls again", async () => {
    const server = await serve(legacyServer, (_asked, count) => (count === 1 ? required : `"result":{"content":[]}`));
    const first = resultOf(await modern(server.path, "tools/call", act, { meta: opensUrls }));
    expect(first).toMatchObject({
      resultType: "input_required",
      inputRequests: { e1: { method: "elicitation/create", params: { url: "https://bank.example/consent" } } },
    });
    const retry = { ...act, inputResponses: { e1: { action: "accept" } } };
    const second = resultOf(await modern(server.path, "tools/call", retry, { meta: opensUrls }));
    expect(second).toMatchObject({ resultType: "complete", content: [] });
  });

  it("is not asked twice of a user who would not", async () => {
    const server = await serve(legacyServer, () => required);
    const retry = { ...act, inputResponses: { e1: { action: "decline" } } };
    const answer = await modern(server.path, "tools/call", retry, { meta: opensUrls });
    expect(answer.body["error"]).toMatchObject({ code: 50_200 });
  });

  it("stays a failure for a client that opens no addresses", async () => {
    const server = await serve(legacyServer, () => required);
    const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
    const answer = await modern(server.path, "tools/call", act, { meta });
    expect(answer.body["error"]).toMatchObject({ code: 50_200 });
  });

  it("is a legacy client's own affair", async () => {
    const server = await serve(legacyServer, () => required);
    const answer = await legacy(server.path, "tools/call", act, { headers: await sessionAt(server.path) });
    expect(answer.text).toContain(required);
  });
});

describe("a modern server's wish that an address be opened", () => {
  it("reaches a legacy client with the id that its era wants", async () => {
    const { elicitationId: _none, ...question } = JSON.parse(wanted) as Record<string, string>;
    const asked = { method: "elicitation/create", params: question };
    const server = await serve(
      modernServer,
      () => `"result":{"resultType":"input_required","inputRequests":{"k":${JSON.stringify(asked)}}}`,
    );
    const headers = await sessionAt(server.path, { elicitation: { url: {} } });
    const line = await stream(server.path, "legacy", "tools/call", act, { headers });
    expect((await line.message())?.["params"]).toEqual({ ...question, elicitationId: expect.any(String) });
    await line.leave();
  });
});
