/** Whether plain HTTP leads to HTTPS, and never to an answer. No key is sent. */
import { ask, isAnswer } from "../ask.ts";
import type { Findings } from "../finding.ts";
import { isPrivateWay } from "../private-way.ts";

const about = "plain HTTP";

export async function* checkRedirect(url: URL): Findings {
  if (url.protocol === "http:") {
    if (isPrivateWay(url)) yield { level: "ok", about, says: "is fine here: nothing leaves this machine" };
    else {
      const mend = `Use https://: over plain HTTP everyone on the way can read the key, so the gateway refuses it.`;
      yield { level: "fail", about, says: `leads to ${url.hostname}, which is another machine`, mend };
    }
    return;
  }
  if (url.port !== "") {
    yield { level: "note", about, says: `was not tried, since port ${url.port} has no other port that belongs to it` };
    return;
  }
  const answer = await ask({ url: new URL(`http://${url.hostname}/`), key: "" }, "");
  if (!isAnswer(answer)) {
    yield { level: "ok", about, says: "is not served" };
    return;
  }
  const { status, headers } = answer;
  const leads = status >= 301 && status <= 308 && String(headers["location"] ?? "").startsWith("https:");
  if (leads) yield { level: "ok", about, says: `leads to HTTPS (${status})` };
  else {
    const mend = "Let whatever serves port 80 redirect everything to https://, or close the port.";
    yield { level: "warn", about, says: `is answered with HTTP ${status} instead of a way to HTTPS`, mend };
  }
}
