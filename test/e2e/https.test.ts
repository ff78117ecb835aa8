/** HTTPS, and what happens without it. */
import { networkInterfaces } from "node:os";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { callHttp } from "../support/call-http.ts";
import { startFleet } from "../support/fleet-simulator.ts";
import { cleanUp, startGateway, temporaryFolder } from "../support/gateway.ts";

afterAll(cleanUp);

describe("--https", () => {
  it("executes a tool for a client that trusts the certificate, and no other", async () => {
    const fleet = await startFleet({ servers: 1, tools: 1 });
    const gateway = await startGateway({ args: ["--https"] });
    expect(gateway.url).toMatch(/^https:/);
    const registered = await gateway.call("/servers?wait=ready", {
      method: "POST",
      body: { id: "sim", url: fleet.url(0) },
    });
    expect(registered.status, registered.text).toBe(201);
    const answer = await gateway.call("/call", {
      method: "POST",
      body: { tool: "sim__echo", arguments: { text: "hi" } },
    });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers["strict-transport-security"]).toContain("max-age=");
    await expect(callHttp(`${gateway.url}/health`)).rejects.toThrow(/self.signed/);
    await gateway.stop();
    await fleet.stop();
  });

  it("keeps its certificate over a restart, and takes the user's own", async () => {
    const first = await startGateway({ args: ["--https"] });
    const path = join(first.data, "tls", "certificate.pem");
    const certificate = readFileSync(path, "utf8");
    await first.stop();
    const second = await startGateway({ data: first.data, args: ["--https"] });
    expect(readFileSync(path, "utf8")).toBe(certificate);
    await second.stop();

    const own = await startGateway({
      data: temporaryFolder(),
      args: ["--cert", path, "--key", join(first.data, "tls", "key.pem")],
      ca: certificate,
    });
    expect((await own.call("/health")).status).toBe(200);
    await own.stop();
  });
});

/** An address by which this machine can be reached, as another machine would; none without a network. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

describe.skipIf(outside === undefined)("plain HTTP on an address of the network", () => {
  it("refuses anything that carries a key, sends documents to https, and still serves this machine", async () => {
    const gateway = await startGateway({ args: ["--host", "0.0.0.0"] });
    const there = gateway.url.replace("127.0.0.1", outside ?? "");
    const withKey = await callHttp(`${there}/servers/count`, { headers: { Authorization: `Bearer ${gateway.key}` } });
    expect(withKey.status).toBeGreaterThanOrEqual(400);
    expect(withKey.body).toMatchObject({ code: "https_required" });
    const document = await callHttp(`${there}/docs`);
    expect(document.status).toBe(308);
    expect(document.headers.location).toMatch(/^https:/);
    expect((await gateway.call("/servers/count")).status).toBe(200);
    await gateway.stop();
  });
});
