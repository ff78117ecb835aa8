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

export function refused(error: ProtocolError): { readonly ok: false; readonly error: ProtocolError } {
  return { ok: false, error };
}

export function invalidRequest(message: string): ProtocolError {
  return { code: -32600, message, status: 400 };
}

/** Of the envelope, which is checked before the method is looked at; a method's own complaints go in band. */
export function invalidParams(message: string): ProtocolError {
  return { code: -32602, message, status: 400 };
}

export function headerMismatch(message: string): ProtocolError {
  return { code: -32020, message: `Header mismatch: ${message}`, status: 400 };
}

export function unsupportedVersion(requested: string, supported: readonly string[]): ProtocolError {
  const dataText = JSON.stringify({ supported, requested });
  return { code: -32022, message: "Unsupported protocol version", dataText, status: 400 };
}
