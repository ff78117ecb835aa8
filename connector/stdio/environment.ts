/** What a server sees of our environment: what the official SDK's stdio client hands on, and what its entry says. */
const handedOn =
  process.platform === "win32"
    ? [
        "APPDATA",
        "HOMEDRIVE",
        "HOMEPATH",
        "LOCALAPPDATA",
        "PATH",
        "PROCESSOR_ARCHITECTURE",
        "PROGRAMFILES",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "USERNAME",
        "USERPROFILE",
      ]
    : ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER"];

export function environmentWith(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const environment = { ...process.env, ...own };
  for (const [name, value] of Object.entries(process.env)) {
    // Functions that a shell exports are a way to smuggle code in.
    const isHandedOn = handedOn.includes(name) && value?.startsWith("()") === false;
    if (!isHandedOn && !Object.hasOwn(own, name)) Reflect.deleteProperty(environment, name);
  }
  return environment;
}
