/** Whether something answers at the address, whether it can be trusted, and whether it is a gateway. */
import { z } from "zod";
import { ask, isAnswer, type Answer, type Gateway, type Unreached } from "../ask.ts";
import { lookAtCertificate } from "../certificate.ts";
import type { Findings } from "../finding.ts";
import { judgeCertificate } from "./judge-certificate.ts";

const gatewaySchema = z.object({
  name: z.literal("Patchbay"),
  version: z.string(),
  maintenanceNotice: z.string().nullish(),
});

/** The answer of the gateway's first page; undefined when there is no going on. No key is sent here. */
export async function* checkReach({ url }: Gateway, ownVersion: string): Findings<Answer | undefined> {
  if (url.protocol === "https:") {
    const certificate = await lookAtCertificate(url);
    if ("code" in certificate) return yield* lost(url, certificate);
    const judged = judgeCertificate(url, certificate, Date.now());
    yield judged;
    if (judged.level === "fail") return undefined;
  }
  const answer = await ask({ url, key: "" }, "/");
  if (!isAnswer(answer)) return yield* lost(url, answer);
  const { status, askedAt, answeredAt } = answer;
  if (url.protocol === "http:" && status === 308) {
    const mend = `Use https://${url.host}: a key that is sent over plain HTTP can be read on its way.`;
    yield { level: "fail", about: "address", says: "it takes requests over HTTPS only", mend };
    return undefined;
  }
  const read = gatewaySchema.safeParse(answer.body);
  if (!read.success) {
    const mend = "Give the gateway's own address, without /mcp; if a proxy stands in front, let it pass every path on.";
    yield {
      level: "fail",
      about: "address",
      says: `what answers there (HTTP ${status}) is not a Patchbay gateway`,
      mend,
    };
    return undefined;
  }
  yield { level: "ok", about: "address", says: `${url.origin} answered in ${answeredAt - askedAt} ms` };
  yield versionFinding(read.data.version, ownVersion);
  const notice = read.data.maintenanceNotice;
  if (notice) yield { level: "note", about: "gateway", says: `its operator says: ${notice}` };
  return answer;
}

function versionFinding(theirs: string, own: string) {
  const says = `version ${theirs}`;
  if (theirs === own) return { level: "ok", about: "gateway", says } as const;
  const mend = "Some checks may not fit; use the doctor of that version, or deploy this one.";
  return { level: "note", about: "gateway", says: `${says}, and this doctor is of ${own}`, mend } as const;
}

async function* lost(url: URL, { code, words }: Unreached): Findings<undefined> {
  const [says, mend] = ways[code] ?? [words, "Look whether the gateway runs and whether this machine may reach it."];
  yield { level: "fail", about: "address", says: `${url.origin} cannot be reached: ${says}`, mend, facts: { code } };
  return undefined;
}

const noName = [
  "no machine has that name",
  "Look for a typo; a new name needs minutes until every resolver knows it.",
] as const;
const noAnswer = [
  "it does not answer",
  "A firewall drops such packets, and a wrong address gets none; check both.",
] as const;
const noTls = [
  "there is no HTTPS on that port",
  "Use http:// if this is a gateway on loopback, else start it with --https or put it behind one that has a certificate.",
] as const;
const noHttp = ["the connection was cut", "Perhaps only HTTPS is served there: try https://."] as const;

const ways: Readonly<Record<string, readonly [says: string, mend: string]>> = {
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  ECONNREFUSED: ["nobody listens there", "Start the gateway (npm start), or correct host and port."],
  ETIMEDOUT: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ECONNRESET: noHttp,
  HPE_INVALID_CONSTANT: noHttp,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
};
