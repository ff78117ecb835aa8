import { describe, expect, it } from "vitest";
import { checkTarget, type TargetRules } from "../../../core/upstream/target.ts";

const strict: TargetRules = { allowPrivate: false };

function verdict(url: string, rules = strict): string {
  const checked = checkTarget(url, rules);
  return checked.ok ? checked.value.network : checked.failure.code;
}

/** Addresses that lead back into some network of ours, in all the spellings that attackers use. */
const inward = [
  // Loopback.
  ..."127.0.0.1 127.1 127.255.255.254 2130706433 0x7f.1 0x7f000001 0177.0.0.1 017700000001 ①②⑦.0.0.1 127.0.0.1.".split(
    " ",
  ),
  ..."localhost LOCALHOST localhost. ⓛocalhost a.localhost lo%63alhost loca\tlhost [::1] [0:0:0:0:0:0:0:1]".split(" "),
  // Private, shared, link-local, this host.
  ..."10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 0xc0a80001 100.64.0.1 100.127.255.255".split(" "),
  ..."169.254.0.1 169.254.169.254 0xa9fea9fe 2852039166 0.0.0.0 0 0.1.2.3 [::] [fe80::1] [fec0::1] [fd00::1]".split(
    " ",
  ),
  ..."[fc00::] [fd00:ec2::254]".split(" "),
  // Reserved, benchmarking, documentation, multicast, broadcast.
  ..."192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1".split(" "),
  ..."239.255.255.255 240.0.0.1 255.255.255.255 [ff02::1] [2001:db8::1] [3fff::1] [100::1]".split(" "),
  // IPv4 inside IPv6.
  ..."[::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:8.8.8.8] [::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::8.8.8.8]".split(
    " ",
  ),
  ..."[64:ff9b:1::1] [2002:7f00:1::] [2002:0808:0808::1] [2001::1] [2001:10::1]".split(" "),
  // Names that mean something in local networks only.
  ..."metadata.google.internal metadata instance-data printer.local db.internal nas.lan x.home.arpa intranet".split(
    " ",
  ),
  ..."METADATA.GOOGLE.INTERNAL. kubernetes.default.svc.cluster.local x.localdomain wiki.corp".split(" "),
];

const outward = [
  ..."example.com mcp.example.com:8443 8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0".split(" "),
  ..."172.15.255.255 172.32.0.0 169.253.0.1 192.167.0.1 198.17.255.255 198.20.0.0 223.255.255.255".split(" "),
  ..."[2606:4700:4700::1111] [2a00::1] [2001:200::1] local.example localhost.example.com internal.io 127.0.0.1.nip.io".split(
    " ",
  ),
];

describe("a server's address", () => {
  it("may be any public one, over https", () => {
    for (const host of outward) expect([host, verdict(`https://${host}/mcp`)]).toEqual([host, "public"]);
  });

  it("may not lead inward, however it is spelled", () => {
    for (const host of inward) expect([host, verdict(`https://${host}/mcp`)]).toEqual([host, "target_refused"]);
    expect(inward.length + outward.length).toBeGreaterThan(90);
  });

  it("may lead inward when the operator allows it", () => {
    for (const host of inward) {
      for (const scheme of ["https", "http"]) {
        expect([host, verdict(`${scheme}://${host}:8080/mcp`, { allowPrivate: true })]).toEqual([host, "private"]);
      }
    }
  });

  it("may be loopback when only this machine can call us", () => {
    for (const host of ["127.0.0.1", "localhost", "[::1]", "127.9.9.9", "a.localhost"]) {
      expect(verdict(`http://${host}:3001/mcp`, { allowPrivate: false, bind: "loopback" })).toBe("private");
      expect(verdict(`http://${host}:3001/mcp`, { allowPrivate: false, bind: "public" })).toBe("target_refused");
    }
    for (const host of ["10.0.0.1", "169.254.169.254", "0.0.0.0", "metadata", "[::ffff:127.0.0.1]"]) {
      expect(verdict(`https://${host}/mcp`, { allowPrivate: false, bind: "loopback" })).toBe("target_refused");
    }
  });

  it("takes the private network when its name may stand for a private address", () => {
    expect(verdict("https://mcp.example.com/mcp", { allowPrivate: true })).toBe("private");
    expect(verdict("https://8.8.8.8/mcp", { allowPrivate: true })).toBe("public");
  });

  it("is not http in public", () => {
    expect(verdict("http://mcp.example.com/mcp")).toBe("target_refused");
    expect(verdict("http://mcp.example.com/mcp", { allowPrivate: false, bind: "loopback" })).toBe("target_refused");
  });

  it("is a plain http or https URL", () => {
    for (const url of [
      "",
      "mcp.example.com",
      "file:///etc/passwd",
      "ftp://example.com/",
      "data:text/plain,x",
      "javascript:alert(1)",
      "ws://example.com/",
      "https://user@example.com/",
      "https://user:pass@example.com/",
      "https://:pass@example.com/",
      "https://example.com/#fragment",
      "https://",
      "https://[::1%25eth0]/",
      "https://256.1.1.1/",
      "https://exa mple.com/",
    ]) {
      expect([url, verdict(url, { allowPrivate: true })]).toEqual([url, "invalid_fields"]);
    }
  });

  it("is not on a port of another protocol", () => {
    for (const port of [22, 25, 110, 143, 445, 3306, 5432, 6379, 11211, 27017]) {
      expect(verdict(`https://example.com:${port}/`, { allowPrivate: true })).toBe("invalid_fields");
    }
    for (const port of [80, 443, 3000, 8080, 8443, 65535])
      expect(verdict(`https://example.com:${port}/`)).toBe("public");
  });

  it("comes out as the URL parser writes it, so that what was checked is what is dialled", () => {
    expect(checkTarget(" https://EXAMPLE.com:443\\mcp?q=1 ", strict)).toEqual({
      ok: true,
      value: { url: "https://example.com/mcp?q=1", network: "public" },
    });
  });

  it("comes with the way out when it is refused", () => {
    expect(checkTarget("https://10.0.0.1/mcp", strict)).toEqual({
      ok: false,
      failure: {
        code: "target_refused",
        url: "https://10.0.0.1/mcp",
        reason: "10.0.0.1 is a private address",
        fix: expect.stringContaining('"allowPrivate": true') as unknown,
      },
    });
  });
});
