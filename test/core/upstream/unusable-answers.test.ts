import { createServer, type AddressInfo, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { bounds, call, failed, legacyLink, modernLink, oneMiB } from "./asking.ts";
import { answer, event, eventStream, json, resultFor, serve, status, type Script } from "./scripted-server.ts";

async function failureOf(script: Script, era = legacyLink, within = bounds()) {
  const server = await serve(script);
  return failed(await call(era(server.url), {}, within));
}

/** A whole answer as bytes on a socket, right or wrong. */
async function rawServer(answerTo: (socket: Socket, requestId: string) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    let request = "";
    socket.on("data", (part) => {
      request += part.toString("latin1");
      const id = /"id":"([^"]+)"/.exec(request)?.[1];
      if (id !== undefined) answerTo(socket, id);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

describe("a successful status with nothing good in it", () => {
  it("is empty", async () => {
    expect(await failureOf((_, response) => answer(response, ""))).toMatchObject({
      code: "answer_empty",
      server: "s1",
      execution: "unknown",
    });
    expect(await failureOf((_, response) => answer(response, " \n "))).toMatchObject({ code: "answer_empty" });
    expect(await failureOf((_, response) => status(response, 202))).toMatchObject({ code: "answer_empty" });
    expect(await failureOf((_, response) => status(response, 204))).toMatchObject({ code: "answer_empty" });
    expect(await failureOf((_, response) => answer(response, "", eventStream))).toMatchObject({ code: "answer_empty" });
  });

  it("is a web page", async () => {
    const page = "<!doctype html><title>Log in</title>";
    for (const type of ["text/html; charset=utf-8", "application/json", ""]) {
      expect(await failureOf((_, response) => answer(response, page, { "content-type": type }))).toMatchObject({
        code: "answer_html",
      });
    }
  });

  it("is no JSON, or no UTF-8", async () => {
    expect(await failureOf((_, response) => answer(response, "oops"))).toMatchObject({ code: "answer_not_json" });
    const latin1 = Buffer.from('{"jsonrpc":"2.0","id":"x","result":{"t":"é"}}', "latin1");
    expect(await failureOf((_, response) => answer(response, latin1))).toMatchObject({ code: "answer_not_json" });
    const mislabelled = { ...json, "content-encoding": "gzip" };
    expect(await failureOf((heard, response) => answer(response, resultFor(heard), mislabelled))).toMatchObject({
      code: "answer_not_json",
    });
  });

  it("is cut off", async () => {
    expect(await failureOf((heard, response) => answer(response, resultFor(heard).slice(0, -5)))).toMatchObject({
      code: "answer_truncated",
      execution: "unknown",
    });
    const short = await rawServer((socket, id) => {
      const body = `{"jsonrpc":"2.0","id":"${id}","result":{}}`;
      socket.end(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length + 1}\r\n\r\n${body}`,
      );
    });
    expect(failed(await call(legacyLink(short)))).toMatchObject({ code: "answer_truncated" });
    const chunked = await rawServer((socket) => {
      socket.end(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"jso\r\n',
      );
    });
    expect(failed(await call(legacyLink(chunked)))).toMatchObject({ code: "answer_truncated" });
    const reset = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{");
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    expect(failed(await call(legacyLink(reset)))).toMatchObject({ code: "answer_truncated" });
  });

  it("answers somebody else", async () => {
    expect(await failureOf((_, response) => answer(response, '{"jsonrpc":"2.0","id":"x","result":{}}'))).toMatchObject({
      code: "answer_wrong_id",
    });
  });

  it("is JSON but not JSON-RPC", async () => {
    for (const body of ["null", "[]", '{"ok":true}', '{"jsonrpc":"2.0","method":"ping","id":1}']) {
      expect(await failureOf((_, response) => answer(response, body))).toMatchObject({ code: "answer_invalid" });
    }
    const both = (id: unknown) =>
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{},"error":{"code":1,"message":""}}`;
    expect(await failureOf((heard, response) => answer(response, both(heard.rpc.id)))).toMatchObject({
      code: "answer_invalid",
    });
  });
});

describe("an answer that is too large", () => {
  const big = `{"content":[{"type":"text","text":"${"x".repeat(oneMiB)}"}]}`;

  it("is refused by its declared length, before it is read", async () => {
    expect(await failureOf((heard, response) => answer(response, resultFor(heard, big)))).toEqual({
      code: "answer_too_large",
      server: "s1",
      execution: "unknown",
      limitBytes: oneMiB,
    });
  });

  it("is cut off as it comes when no length is declared, and the server is let go", async () => {
    let left: Promise<void> | undefined;
    const reason = await failureOf(async (heard, response) => {
      left = heard.left;
      response.writeHead(200, json);
      const more = setInterval(() => response.write("x".repeat(200_000)), 1);
      await heard.left;
      clearInterval(more);
    });
    expect(reason).toMatchObject({ code: "answer_too_large" });
    await left;
  });

  it("is counted after decompression, whatever length it declares", async () => {
    const reason = await failureOf((heard, response) =>
      answer(response, gzipSync(resultFor(heard, big)), { ...json, "content-encoding": "gzip" }),
    );
    expect(reason).toMatchObject({ code: "answer_too_large" });
  });

  it("may be an event stream", async () => {
    expect(
      await failureOf((heard, response) =>
        answer(response, event(resultFor(heard, `{"t":"${big.repeat(2).replaceAll('"', "'")}"}`)), eventStream),
      ),
    ).toMatchObject({ code: "answer_too_large" });
    expect(
      await failureOf((_, response) => answer(response, ": noise\n\n".repeat(200_000), eventStream)),
    ).toMatchObject({ code: "answer_too_large" });
  });

  it("is fine when it is just as large as allowed", async () => {
    const server = await serve((heard, response) => {
      const empty = resultFor(heard, '{"t":""}');
      answer(response, resultFor(heard, `{"t":"${"x".repeat(oneMiB - empty.length)}"}`));
    });
    expect(await call(legacyLink(server.url))).toMatchObject({ ok: true, value: { bytes: oneMiB } });
  });
});

describe("an answer that asks something first", () => {
  it("cannot be carried, and says what was asked", async () => {
    const inputRequests = '{"a":{"method":"elicitation/create","params":{}}}';
    const reason = await failureOf(
      (heard, response) =>
        answer(response, resultFor(heard, `{"resultType":"input_required","inputRequests":${inputRequests}}`)),
      modernLink,
    );
    expect(reason).toMatchObject({ code: "interaction_required", asked: "elicitation/create", execution: "unknown" });
  });

  it("of a type nobody knows is no answer", async () => {
    const reason = await failureOf(
      (heard, response) => answer(response, resultFor(heard, '{"resultType":"task"}')),
      modernLink,
    );
    expect(reason).toMatchObject({ code: "answer_invalid" });
  });
});
