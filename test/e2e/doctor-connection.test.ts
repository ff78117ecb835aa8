/** `patchbay doctor` on the way to a gateway: address, certificate, clock. */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isPrivateWay } from "../../connector/doctor/private-way.ts";
import { doctor, report } from "../support/doctor.ts";
import { close, listen } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, type TestGateway } from "../support/gateway.ts";
import { startSecureServer } from "../support/secure-server.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ shards: 1 });
});
afterAll(() => cleanUp());

describe("an address", () => {
  it.each([
    ["http://127.0.0.1:9999", /nobody listens/],
    ["http://nothing.invalid", /no machine has that name/],
  ])("that leads nowhere fails: %s", async (url, says) => {
    const { code, findings } = await report(url, gateway.key);
    expect(code).toBe(1);
    expect(findings).toEqual([expect.objectContaining({ level: "fail", says: expect.stringMatching(says) })]);
  });

  it("of something else is no gateway, and is never sent the key", async () => {
    const heard: unknown[] = [];
    const other: Server = createServer((request, response) => {
      heard.push(request.headers.authorization);
      response.end("hello");
    });
    const { code, of } = await report(`http://127.0.0.1:${await listen(other)}`, gateway.key);
    await close(other);
    expect(code).toBe(1);
    expect(of("address")[0]?.says).toContain("is not a Patchbay gateway");
    expect(heard).toEqual([undefined]);
  });

  it.each([
    ["https://gateway.example", true],
    ["http://127.0.0.9:8787", true],
    ["http://localhost", true],
    ["http://gateway.example", false],
    ["http://127.example.com", false],
    ["http://192.168.0.7", false],
  ])("is sent the key over HTTPS or within this machine only: %s", (url, isPrivate) => {
    expect(isPrivateWay(new URL(url))).toBe(isPrivate);
  });

  it("without HTTPS is told so when HTTPS is asked for", async () => {
    const { of } = await report(gateway.url.replace("http:", "https:"), gateway.key);
    expect(of("address")[0]?.says).toContain("there is no HTTPS on that port");
  });

  it("that makes no sense is a mistake of the command line", async () => {
    const { code, stderr } = await doctor(["--gateway", "nonsense"]);
    expect([code, stderr.split("\n").length]).toEqual([2, 2]);
  });
});

describe("a certificate", () => {
  let secure: TestGateway;
  beforeAll(async () => {
    secure = await startGateway({ args: ["--https"] });
  });

  it("that is self-signed ends the examination, and says how to trust it", async () => {
    const { code, of } = await report(secure.url, secure.key);
    expect(code).toBe(1);
    expect(of("certificate")[0]).toMatchObject({ level: "fail", mend: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
    expect(of("key")).toEqual([]);
  });

  it("that was named is trusted", async () => {
    const trust = { NODE_EXTRA_CA_CERTS: join(secure.data, "tls", "certificate.pem") };
    const { code, of } = await report(secure.url, secure.key, trust);
    expect(of("certificate")[0]?.says).toMatch(/^of Patchbay, good until \d{4}-\d\d-\d\d$/);
    expect([code, of("key")[0]?.level]).toEqual([0, "ok"]);
  });
});

/** A stand-in for a gateway somewhere else, whose certificate and clock can be chosen. */
describe("what only another machine could show", () => {
  it.each([
    ["of another name", { name: "elsewhere.invalid" }, /is not for 127\.0\.0\.1/],
    ["that has ended", { days: [-30, -1] as const }, /ended on \d{4}/],
    ["that is not valid yet", { days: [1, 30] as const }, /not valid yet/],
  ])("a certificate %s fails, and no key is sent", async (_, wanted, says) => {
    const other = await startSecureServer(wanted);
    const { code, of } = await report(other.url, gateway.key, other.trust);
    await other.stop();
    expect(code).toBe(1);
    expect(of("certificate")[0]).toMatchObject({ level: "fail", says: expect.stringMatching(says) });
    expect(other.heard).toEqual([]);
  });

  it("a certificate that ends soon is a warning", async () => {
    const other = await startSecureServer({ days: [-80, 9] });
    const { of } = await report(other.url, "", other.trust);
    await other.stop();
    expect(of("certificate")[0]).toMatchObject({ level: "warn", says: expect.stringMatching(/: [89] days are left/) });
  });

  it.each([
    [40, "warn", /40 s ahead of/],
    [-3600, "fail", /3600 s behind|3599 s behind/],
  ])("a clock that is %i s off is noticed", async (skew, level, says) => {
    const other = await startSecureServer({ skew });
    const { of } = await report(other.url, "", other.trust);
    await other.stop();
    expect(of("clock")[0]).toMatchObject({ level, says: expect.stringMatching(says) });
  });
});
