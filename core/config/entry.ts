/** What a configuration file says of one server, whichever client the file was written for. */

interface Common {
  /** Fits `serverIdSchema`, and no other entry of the file has it but one that is refused for that. */
  readonly id: string;
  /** As in the file. */
  readonly name: string;
  /** For people; the name, when it could not be the id. */
  readonly title?: string;
  /** Variables and inputs without a value. While there is one, its placeholder still stands in the texts. */
  readonly needs: readonly string[];
  /** What else a person should know: an id that had to be changed, members that were not taken over. */
  readonly notes: readonly string[];
  readonly disabled: boolean;
  /** The gateway's own settings of a server (`timeoutMs`, `limit`, ...), not judged yet. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface StdioEntry extends Common {
  readonly is: "stdio";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A file of `NAME=value` lines on the machine where the command runs; `env` goes before it. */
  readonly envFile?: string;
  /** To be started by the first call only. */
  readonly lazy?: boolean;
}

export interface HttpEntry extends Common {
  readonly is: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: to be found out. */
  readonly kind?: "http" | "sse";
}

export interface RefusedEntry extends Common {
  readonly is: "refused";
  readonly reason: string;
  /** Of an exported file: it runs behind a connector, whose machine alone knows the command. */
  readonly behindConnector?: true;
}

export type ConfigEntry = StdioEntry | HttpEntry | RefusedEntry;

type Told = Pick<Common, "title" | "needs" | "notes" | "disabled" | "settings">;
type Own<E extends Common> = Omit<E, keyof Common>;

/** An entry before it has its id. */
export type Reading = (Own<StdioEntry> & Told) | (Own<HttpEntry> & Told) | (Own<RefusedEntry> & Told);

export function refused(reason: string): Reading {
  return { is: "refused", reason, needs: [], notes: [], disabled: false, settings: {} };
}
