/** `ping`: the gateway is there. Its servers have their own health. */
import { result, type Method } from "../rpc-call.ts";

export const ping: Method = async () => result("{}");
