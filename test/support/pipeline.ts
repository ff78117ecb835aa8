/** Many small requests over few connections, without waiting for answers: as fast as a single client can ask. */
import { connect } from "node:net";

/** Answers how often each status came back. `requests` are whole HTTP/1.1 requests. */
export async function pipeline(
  port: number,
  requests: readonly string[],
  connections: number,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const share = Math.ceil(requests.length / connections);
  const shares = Array.from({ length: connections }, (_, n) => requests.slice(n * share, (n + 1) * share));
  await Promise.all(shares.map((own) => ask(port, own, counts)));
  return counts;
}

/** At most this many unanswered on one connection, so that no buffer overflows. */
const ahead = 50;

function ask(port: number, requests: readonly string[], counts: Map<string, number>): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let [sent, answered] = [0, 0];
    let rest = "";
    const send = (): void => {
      const from = sent;
      sent = Math.min(requests.length, answered + ahead);
      if (sent > from) socket.write(requests.slice(from, sent).join(""));
    };
    socket.setEncoding("latin1");
    socket.once("connect", send);
    socket.once("error", reject);
    socket.once("close", () =>
      answered === requests.length ? resolve() : reject(new Error(`closed after ${answered}`)),
    );
    socket.on("data", (part: string) => {
      const text = rest + part;
      let seen = 0;
      for (const found of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
        counts.set(found[1] ?? "", (counts.get(found[1] ?? "") ?? 0) + 1);
        answered += 1;
        seen = found.index + found[0].length;
      }
      // A status line may be cut in two.
      rest = text.slice(Math.max(seen, text.length - 12));
      if (answered < requests.length) send();
      else socket.end();
    });
  });
}
