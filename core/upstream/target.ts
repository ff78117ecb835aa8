/**
 * Which addresses may be dialled at all: the guard against a server's address that leads back into our own
 * network (SSRF). It judges the address after the WHATWG URL parser has made one form of its many spellings.
 * A public name that resolves to a private address is stopped at connect time: by workerd's `public` network when
 * self-hosted, by Cloudflare otherwise.
 */
import { failure, success, type Outcome } from "../contract/outcome.ts";
import { reachOfV4, reachOfV6, type Reach } from "./address-ranges.ts";
import { isServiceUrl } from "./services.ts";

export interface TargetRules {
  /** The operator said that this server may be private, link-local or loopback. */
  readonly allowPrivate: boolean;
  /** `loopback`: only this machine can call us, so servers may be on loopback too. */
  readonly bind?: string | undefined;
  /** The service bindings that there are. */
  readonly services?: readonly string[];
}

export interface CheckedTarget {
  /** In the URL parser's spelling. */
  readonly url: string;
  readonly network: "public" | "private";
}

/** Ports of other protocols, where a request of ours could be taken for theirs (Fetch, "bad port", and databases). */
const otherProtocols = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531,
  532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 3306, 3389, 3659,
  4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211, 27017,
]);

const privateNames = /(?:^|\.)(?:local|internal|localdomain|home\.arpa|lan|intranet|corp|private)$/;

export function checkTarget(address: string, rules: TargetRules): Outcome<CheckedTarget> {
  const url = URL.parse(address.trim());
  if (url !== null && isServiceUrl(url.href)) return checkService(url, rules.services ?? []);
  const fault = url === null ? "not a URL" : shapeFault(url);
  if (url === null || fault !== undefined) {
    return failure({ code: "invalid_fields", fields: [{ path: "/url", message: fault ?? "not a URL" }] });
  }
  const reach = reachOf(url.hostname);
  const allowed = rules.allowPrivate || (reach === "loopback" && rules.bind === "loopback");
  if (reach !== "public" && !allowed) {
    const reason = `${url.hostname} is a ${reach} address`;
    return failure({ code: "target_refused", url: url.href, reason, fix: `Set "allowPrivate": true if you trust it.` });
  }
  if (url.protocol === "http:" && !allowed) {
    const fix = `Use https:, or set "allowPrivate": true for a server in a network you trust.`;
    return failure({ code: "target_refused", url: url.href, reason: "http: sends credentials in clear", fix });
  }
  // A name's address is not known here: where private ones are allowed it may be one.
  const network = reach === "public" && (!rules.allowPrivate || isAddress(url.hostname)) ? "public" : "private";
  return success({ url: url.href, network });
}

function checkService(url: URL, services: readonly string[]): Outcome<CheckedTarget> {
  const extra = url.username !== "" || url.password !== "" || url.port !== "" || url.hash !== "";
  const message = extra
    ? "may name a binding, a path and a query only: service://BINDING/path"
    : serviceFault(url.hostname, services);
  if (message !== undefined) return failure({ code: "invalid_fields", fields: [{ path: "/url", message }] });
  if (url.pathname === "") url.pathname = "/";
  return success({ url: url.href, network: "public" });
}

function serviceFault(name: string, services: readonly string[]): string | undefined {
  if (services.includes(name)) return undefined;
  const known = services.length === 0 ? "none" : services.join(", ");
  return `names no service binding; there is ${known}. A binding is one when its name starts with SERVICE_`;
}

function shapeFault(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must start with https:, http: or service:";
  if (url.username !== "" || url.password !== "") return "may not hold a user name or password; use headers";
  if (url.hash !== "") return "may not have a fragment";
  if (url.hostname === "") return "has no host";
  return otherProtocols.has(Number(url.port)) ? `port ${url.port} belongs to another protocol` : undefined;
}

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[0-9.]+$/.test(host);
}

function reachOf(hostname: string): Reach {
  if (hostname.startsWith("[")) return reachOfV6(hostname.slice(1, -1));
  const host = hostname.replace(/\.+$/, "");
  if (isAddress(host)) return reachOfV4(host);
  if (host === "localhost" || host.endsWith(".localhost")) return "loopback";
  // A name without a dot means something in some local network only.
  return privateNames.test(host) || !host.includes(".") ? "private" : "public";
}
