/** What a certificate means, and what to do about it. */
import type { Certificate } from "../certificate.ts";
import type { Finding } from "../finding.ts";

const dayMs = 86_400_000;
/** Whoever renews by itself has done so by then. */
const soonMs = 14 * dayMs;

export function judgeCertificate(url: URL, certificate: Certificate, now: number): Finding {
  const about = "certificate";
  const { distrust, issuer, validTo } = certificate;
  const until = Number.isNaN(validTo) ? "" : new Date(validTo).toISOString().slice(0, 10);
  const facts = { issuer, validTo: until, ...(distrust && { code: distrust }) };
  if (distrust !== "") {
    const { says, mend } = distrusted(url, certificate, now);
    return { level: "fail", about, says: `${says}; the key was not sent`, mend, facts };
  }
  const days = Math.floor((validTo - now) / dayMs);
  const words = `of ${issuer}, good until ${until}`;
  if (validTo - now > soonMs) return { level: "ok", about, says: words, facts };
  const mend = "Renew it now, and find out why that did not happen by itself.";
  return { level: "warn", about, says: `${words}: ${days} days are left`, mend, facts };
}

function distrusted(url: URL, { distrust, selfSigned, validFrom, validTo }: Certificate, now: number) {
  if (distrust === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const says = `its certificate is not for ${url.hostname}`;
    return { says, mend: "Use the name that the certificate has, or get one for this name." };
  }
  if (now > validTo) {
    const says = `its certificate ended on ${new Date(validTo).toISOString().slice(0, 10)}`;
    return { says, mend: "Renew it. If it was renewed, the gateway has to be restarted to take it up." };
  }
  if (now < validFrom) {
    const says = "its certificate is not valid yet";
    return { says, mend: "One of the two clocks is wrong, most likely this machine's." };
  }
  if (selfSigned || /SELF_SIGNED/.test(distrust)) {
    const says = "its certificate is self-signed, and this machine was not told to trust it";
    const mend =
      "Name the certificate's file, which stands in the gateway's data folder: " +
      "NODE_EXTRA_CA_CERTS=.patchbay/tls/certificate.pem npx patchbay doctor …";
    return { says, mend };
  }
  if (/UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER)/.test(distrust)) {
    const says = "its certificate comes from nobody this machine trusts";
    const mend = "Give the gateway the whole chain (fullchain.pem), or name your own authority in NODE_EXTRA_CA_CERTS.";
    return { says, mend };
  }
  return { says: `its certificate is not trusted (${distrust})`, mend: "Get one from a public authority." };
}
