import type { TestGateway } from "./gateway.ts";

/** Registers a server and waits until it can be used. `more`: other fields of the registration. */
export async function register(gateway: TestGateway, id: string, url: string, more: object = {}): Promise<void> {
  const { status, text } = await gateway.call("/servers?wait=ready", { method: "POST", body: { id, url, ...more } });
  if (status !== 201) throw new Error(`the gateway would not register '${id}': ${status} ${text}`);
}
