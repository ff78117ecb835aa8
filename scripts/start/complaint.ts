/** What a user can put right, in one line. Anything else that is thrown is a bug and shows its stack. */
export class Complaint extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Bad usage: exit code 2, and where to read more. */
export function badUsage(message: string): Complaint {
  return new Complaint(`${message} (npm start -- --help lists the options)`, 2);
}

/** Says it on stderr; answers the exit code. */
export function complain(reason: unknown): number {
  if (reason instanceof Complaint) {
    console.error(`patchbay: ${reason.message}`);
    return reason.exitCode;
  }
  console.error(reason);
  return 1;
}

/** What a failed system call meant, without its stack: `EACCES` becomes a word. */
export function why(reason: unknown): string {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "";
  const words: Record<string, string> = {
    ENOENT: "it does not exist",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the disk is read-only",
    ENOTDIR: "part of its path is a file",
    EISDIR: "it is a folder",
    EEXIST: "a file is in its place",
    ENOSPC: "the disk is full",
  };
  return words[code] ?? (reason instanceof Error ? (reason.message.split("\n")[0] ?? "") : String(reason));
}
