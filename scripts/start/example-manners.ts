/** Loaded into each example server before its own code: it ends when the launcher ends, and serves this machine alone. */
import { Server } from "node:net";

process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
process.stdin.resume();
process.stdin.unref();

// server-everything names no host, which would open it to the whole network.
const listenAnywhere = Reflect.get(Server.prototype, "listen");
Server.prototype.listen = new Proxy(listenAnywhere, {
  apply(listen, server, args: unknown[]) {
    const namesPortOnly = /^\d+$/.test(String(args[0])) && typeof args[1] !== "string";
    return Reflect.apply(listen, server, namesPortOnly ? [args[0], "127.0.0.1", ...args.slice(1)] : args);
  },
});
