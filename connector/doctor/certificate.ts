/** The certificate of the gateway, looked at without sending anything: whether it is trusted is part of the answer. */
import { isIP } from "node:net";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { unreachedBy, type Unreached } from "./ask.ts";

export interface Certificate {
  /** Empty: this machine trusts it for this name. */
  readonly distrust: string;
  readonly issuer: string;
  readonly validFrom: number;
  readonly validTo: number;
  readonly selfSigned: boolean;
}

const patienceMs = 10_000;

export function lookAtCertificate(url: URL): Promise<Certificate | Unreached> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 443 : Number(url.port);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    // Nothing is sent over this connection, so an untrusted one does no harm.
    const socket = connect({ host, port, ...servername, rejectUnauthorized: false, timeout: patienceMs });
    const end = (answer: Certificate | Unreached): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("secureConnect", () => end(certificateOf(socket)));
    socket.once("timeout", () => end({ code: "ETIMEDOUT", words: "no answer" }));
    socket.once("error", (reason) => end(unreachedBy(reason)));
  });
}

function certificateOf(socket: TLSSocket): Certificate {
  const peer = socket.getPeerCertificate();
  return {
    distrust: socket.authorized ? "" : codeOf(socket.authorizationError),
    issuer: nameIn(peer.issuer),
    validFrom: Date.parse(peer.valid_from),
    validTo: Date.parse(peer.valid_to),
    selfSigned: JSON.stringify(peer.issuer) === JSON.stringify(peer.subject),
  };
}

/** Node gives a word for a chain that it distrusts, and an error for a name that does not fit. */
function codeOf(reason: unknown): string {
  if (reason instanceof Error && "code" in reason) return String(reason.code);
  return typeof reason === "string" ? reason : "UNKNOWN";
}

function nameIn({ O, CN }: PeerCertificate["issuer"]): string {
  return [O ?? CN ?? "somebody"].flat()[0] ?? "somebody";
}
