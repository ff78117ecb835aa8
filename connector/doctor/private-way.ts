/** Whether nobody on the way can read what is sent there: HTTPS, or this machine. A key goes nowhere else. */
export function isPrivateWay({ protocol, hostname }: URL): boolean {
  if (protocol === "https:" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname)) return true;
  return hostname === "localhost" || hostname.endsWith(".localhost");
}
