/** Loaded into an example server before its own code, which names no host and would be open to the whole network. */
import { Server } from "node:net";

const listenAnywhere = Reflect.get(Server.prototype, "listen");
Server.prototype.listen = new Proxy(listenAnywhere, {
  apply(listen, server, args: unknown[]) {
    const namesPortOnly = /^\d+$/.test(String(args[0])) && typeof args[1] !== "string";
    return Reflect.apply(listen, server, namesPortOnly ? [args[0], "127.0.0.1", ...args.slice(1)] : args);
  },
});
