/** What the protocol itself prescribes as the answer to a faulty request: a JSON-RPC error and its HTTP status. */
export interface ProtocolError {
  readonly code: number;
  readonly message: string;
  /** JSON text. */
  readonly dataText?: string;
  readonly status: number;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ProtocolError };

export function refused(
  code: number,
  message: string,
  status: number,
  dataText?: string,
): { readonly ok: false; readonly error: ProtocolError } {
  return { ok: false, error: { code, message, status, ...(dataText === undefined ? {} : { dataText }) } };
}
