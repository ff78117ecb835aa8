/** What workerd runs: the doors, and the classes of the objects behind them. */
export { ProxyShard } from "../durable-objects/proxy-shard/proxy-shard.ts";
export { Fleet } from "../durable-objects/fleet/fleet.ts";
export { Settings } from "../durable-objects/settings.ts";
export { app as default } from "./app.ts";
