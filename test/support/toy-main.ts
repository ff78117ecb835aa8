/** `node toy-main.ts <port>`: serves the toy server and prints its port. */
import { createServer } from "node:http";
import { readBody, toyTools } from "./fleet-simulator.ts";
import { ToyServer } from "./toy-server.ts";

const toy = new ToyServer("mortal", toyTools(2));
const server = createServer((request, response) => {
  void readBody(request).then((body) => {
    const { method = "GET", headers } = request;
    const answer = toy.answer({ method, headers, body });
    response.writeHead(answer.status, { ...answer.headers, "Content-Length": Buffer.byteLength(answer.body) });
    response.end(answer.body);
  });
});

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" && address !== null ? address.port : "");
});
// Nobody else ends it when the test that started it is gone.
setTimeout(() => process.exit(1), 300_000).unref();
