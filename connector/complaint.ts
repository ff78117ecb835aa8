/** What a user can put right, in one line. Anything else that is thrown is a bug and shows its stack. */
export class Complaint extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function badUsage(message: string): Complaint {
  return new Complaint(`${message} (patchbay connect --help lists the options)`, 2);
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

const words: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EEXIST: "a file is in its place",
  EISDIR: "it is a folder",
  ENOTDIR: "part of its path is a file",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "no machine has that name",
  EAI_AGAIN: "no machine has that name",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed; name it in NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed; name it in NODE_EXTRA_CA_CERTS",
};

/** What a failed system call meant, in words where we have them. */
export function why(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const inner = "errors" in reason && Array.isArray(reason.errors) ? (reason.errors[0] as unknown) : reason.cause;
  if (!("code" in reason) || reason instanceof AggregateError) {
    if (inner instanceof Error) return why(inner);
  }
  const code = "code" in reason ? String(reason.code) : "";
  return words[code] ?? reason.message.split("\n")[0] ?? "";
}
