/** The variables of a process as a configuration file may use them. */
import type { Resolve } from "./placeholders.ts";
import { variableName } from "./variable-name.ts";

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** VS Code's and Cursor's `${userHome}`. */
  readonly home: string;
  /** Their `${workspaceFolder}`: where the file lies. */
  readonly folder: string;
}

/**
 * `${input:token}` is read from INPUT_TOKEN: an input called `path` must not get the PATH. The gateway's own variables
 * are never given away, since a file could send them to its servers.
 */
export function variablesOf({ environment, home, folder }: Surroundings): Resolve {
  return (asked) => {
    const name = asked.startsWith("input:") ? variableName(asked) : asked;
    if (name.toUpperCase().startsWith("PATCHBAY_")) return undefined;
    if (Object.hasOwn(environment, name) && environment[name] !== undefined) return environment[name];
    if (name === "userHome") return home;
    return name === "workspaceFolder" ? folder : undefined;
  };
}
