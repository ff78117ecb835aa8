/** How the gateway introduces itself to servers. */
export const gatewayInfo = { name: "patchbay", version: "0.1.0" } as const;
