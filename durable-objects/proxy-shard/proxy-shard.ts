import { DurableObject } from "cloudflare:workers";
export class ProxyShard extends DurableObject {}
