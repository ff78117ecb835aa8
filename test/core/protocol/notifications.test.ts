import { describe, expect, it } from "vitest";
import {
  cancelledText,
  listChangedText,
  withProgressToken,
  withSubscriptionId,
} from "../../../core/protocol/notifications.ts";

const id = "io.modelcontextprotocol/subscriptionId";

describe("a progress notification", () => {
  const about = (token: string) =>
    `{"jsonrpc":"2.0", "method":"notifications/progress","params":{"progress":0.10,"progressToken" : ${token},"total":1e400}}`;

  it("gets the client's own token, and nothing else in it changes", () => {
    for (const client of ['"abc"', "7", "9007199254740993", '"\\u00e9\\"$&"']) {
      expect(withProgressToken(about('"p1"'), "p1", client)).toBe(about(client));
    }
  });

  it("is known by our token however it is spelled, and by no other", () => {
    expect(withProgressToken(about('"\\u0070\\u0031"'), "p1", "7")).toBe(about("7"));
    for (const other of ['"p2"', "1", "null", '{"p1":1}'])
      expect(withProgressToken(about(other), "p1", "7")).toBeUndefined();
    expect(withProgressToken('{"method":"notifications/progress"}', "p1", "7")).toBeUndefined();
    expect(withProgressToken('{"progressToken":"p1","params":{}}', "p1", "7")).toBeUndefined();
  });
});

describe("the subscription that a notification names", () => {
  const updated = '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"n":9007199254740993}}';
  const named = (idText: string) => updated.replace('"n"', `"_meta":{"${id}":${idText}},"n"`);

  it("is the client's, whether the server named one or not", () => {
    expect(withSubscriptionId(updated, '"L1"')).toBe(named('"L1"'));
    expect(withSubscriptionId(named('"ours"'), "7")).toBe(named("7"));
    expect(JSON.parse(withSubscriptionId(listChangedText("tools"), "7"))).toEqual({
      jsonrpc: "2.0",
      method: "notifications/tools/list_changed",
      params: { _meta: { [id]: 7 } },
    });
  });

  it("is not told to a legacy client", () => {
    expect(withSubscriptionId(named('"ours"'), undefined)).toBe(updated);
    expect(withSubscriptionId(updated, undefined)).toBe(updated);
    expect(withSubscriptionId(listChangedText("prompts"), undefined)).toBe(listChangedText("prompts"));
  });
});

describe("a notification of ours", () => {
  it("says which request nobody waits for any more, by its raw id", () => {
    expect(cancelledText("9007199254740993", 'the "client" left')).toBe(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9007199254740993,"reason":"the \\"client\\" left"}}',
    );
  });
});
