import { DurableObject } from "cloudflare:workers";
export class Settings extends DurableObject {}
