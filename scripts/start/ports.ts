/** Ports: one the user asked for must be free, others are found. */
import { createServer } from "node:net";
import { badUsage, Complaint } from "./complaint.ts";

export async function freePort(host = "127.0.0.1"): Promise<number> {
  return await listenOnce(host, 0);
}

/** Complains in one line when the address cannot be had. Port 0 stands for any. */
export async function requirePort(host: string, port: number): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (reason) {
    const code = reason instanceof Error && "code" in reason ? reason.code : "";
    if (code === "EADDRINUSE") throw new Complaint(`port ${port} on ${host} is taken; choose another with --port N`);
    if (code === "EACCES")
      throw new Complaint(`port ${port} needs more rights than this user has; choose one above 1023`);
    if (code === "EADDRNOTAVAIL") throw new Complaint(`${host} is not an address of this machine`);
    if (code === "ENOTFOUND" || code === "EAI_AGAIN") throw badUsage(`--host: no machine is called '${host}'`);
    throw reason;
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
