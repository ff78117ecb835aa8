/** Names that a shell can set, for values that a file leaves to its reader. */

/** `github-token` is `GITHUB_TOKEN`. */
export function variableName(name: string): string {
  const spelled = name
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .toUpperCase();
  // A shell's variable starts with a letter; the gateway's own variables are never filled in.
  return /^[A-Z]/.test(spelled) && !spelled.startsWith("PATCHBAY_") ? spelled : `SERVER_${spelled}`;
}

/** The credential that goes to `server` in the header `header`: `WEATHER_AUTHORIZATION`. */
export function credentialName(server: string, header: string): string {
  return variableName(`${server}_${header}`);
}
