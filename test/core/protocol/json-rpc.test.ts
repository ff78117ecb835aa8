import { describe, expect, it } from "vitest";
import { nextRequestId, readMessage, replyText, requestText } from "../../../core/protocol/json-rpc.ts";

describe("a request", () => {
  it("carries its params byte for byte", () => {
    const params = '{"name":"t","arguments":{"n":12345678901234567890,"f":1.0,"u":"\\u00e9"}}';
    expect(requestText("p-1", "tools/call", params)).toBe(
      `{"jsonrpc":"2.0","id":"p-1","method":"tools/call","params":${params}}`,
    );
  });

  it("has an id of its own, safe to put between quotes", () => {
    const ids = Array.from({ length: 1_000 }, nextRequestId);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => /^[a-z0-9-]+$/.test(id))).toBe(true);
  });
});

describe("a received message", () => {
  it("is a result whose text is untouched", () => {
    const result = '{"content":[], "big":9007199254740993,"z":1,"a":"\\ud83d\\ude00 \\u003c"}';
    for (const text of [
      `{"jsonrpc":"2.0","id":"1","result":${result}}`,
      `{ "result" : ${result} , "id":"1", "jsonrpc":"2.0" }`,
      `\n{"id":"1","result":${result},"jsonrpc":"2.0","extra":{"result":0}}\r\n`,
      `{"jsonrpc":"2.0","id":"1","result":${result}}\n`,
      `{"result":${result},"jsonrpc":"2.0","id":"1"}\n`,
      `{"jsonrpc":"2.0","id":"1","result":${result},"more":1}`,
      `{"result":0,"more":1,"result":${result},"jsonrpc":"2.0","id":"1"}`,
      `{"jsonrpc":"2.0","id":"1","result":{"x":1},"result":${result}}`,
    ]) {
      expect(readMessage(text, "1")).toMatchObject({ is: "result", resultText: result });
    }
  });

  it("is an error whose data is untouched", () => {
    const text = '{"jsonrpc":"2.0","id":"1","error":{"code":-32000,"message":"no","data":{"n":1.10}}}';
    expect(readMessage(text, "1")).toEqual({
      is: "error",
      code: -32000,
      message: "no",
      dataText: '{"n":1.10}',
      addressed: true,
    });
  });

  it("is ours too when it is an error about a request without an id", () => {
    const error = '"error":{"code":-32700,"message":"parse"}';
    expect(readMessage(`{"jsonrpc":"2.0","id":null,${error}}`, "1")).toMatchObject({ is: "error", addressed: false });
    expect(readMessage(`{"jsonrpc":"2.0",${error}}`, "1")).toMatchObject({ is: "error", addressed: false });
  });

  it("is a stranger's when it answers another id, even one that looks alike", () => {
    expect(readMessage('{"jsonrpc":"2.0","id":"2","result":{}}', "1").is).toBe("stranger");
    expect(readMessage('{"jsonrpc":"2.0","id":1,"result":{}}', "1").is).toBe("stranger");
    expect(readMessage('{"jsonrpc":"2.0","id":null,"result":{}}', "1").is).toBe("stranger");
    expect(readMessage('{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":""}}', "1").is).toBe("stranger");
  });

  it("may ask or tell instead", () => {
    expect(readMessage('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}', "1")).toEqual({
      is: "notification",
      method: "notifications/tools/list_changed",
    });
    expect(readMessage('{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', "1")).toEqual({
      is: "request",
      method: "ping",
      idText: "9007199254740993",
    });
  });

  it("is invalid when it is JSON but not JSON-RPC", () => {
    for (const text of [
      "null",
      "[]",
      '"x"',
      "{}",
      '[{"jsonrpc":"2.0","id":"1","result":{}}]',
      '{"id":"1","result":{}}',
      '{"jsonrpc":"1.0","id":"1","result":{}}',
      '{"jsonrpc":"2.0","id":"1"}',
      '{"jsonrpc":"2.0","id":"1","result":{},"error":{"code":1,"message":""}}',
      '{"jsonrpc":"2.0","id":"1","result":null}',
      '{"jsonrpc":"2.0","id":"1","result":"text"}',
      '{"jsonrpc":"2.0","id":"1","error":"text"}',
      '{"jsonrpc":"2.0","id":"1","error":{"code":"1","message":""}}',
      '{"jsonrpc":"2.0","id":"1","error":{"code":1}}',
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","id":"1","method":7}',
    ]) {
      expect(readMessage(text, "1").is).toBe("invalid");
    }
  });

  it("is told apart from text that is no JSON, and from JSON that was cut off", () => {
    expect(readMessage("oops", "1").is).toBe("not_json");
    expect(readMessage("", "1").is).toBe("not_json");
    expect(readMessage('{"jsonrpc":"2.0","id":"1","resu', "1").is).toBe("truncated");
  });

  it("is not parsed when that would take far more than its length", () => {
    const deep = "[".repeat(150_000) + "]".repeat(150_000);
    const wide = `[${"0,".repeat(1_100_000)}0]`;
    for (const heavy of [deep, wide]) {
      expect(readMessage(`{"jsonrpc":"2.0","id":"1","result":{"a":${heavy}}}`, "1")).toMatchObject({ is: "invalid" });
    }
    const long = `{"text":"${"[,".repeat(1_100_000)}"}`;
    expect(readMessage(`{"jsonrpc":"2.0","id":"1","result":${long}}`, "1").is).toBe("result");
  });

  it("takes the last of two results, text and value alike", () => {
    const text = '{"jsonrpc":"2.0","id":"1","result":{"isError":true},"\\u0072esult":{"isError":false}}';
    expect(readMessage(text, "1")).toMatchObject({ resultText: '{"isError":false}', result: { isError: false } });
  });
});

describe("a reply to a server", () => {
  it("answers pings and declines the rest", () => {
    expect(JSON.parse(replyText("ping", "5"))).toEqual({ jsonrpc: "2.0", id: 5, result: {} });
    expect(JSON.parse(replyText("sampling/createMessage", '"s"'))).toMatchObject({ id: "s", error: { code: -32601 } });
  });
});
