/** What keeps a whole file from being read. Of a file with a problem nothing is taken. */
export interface ConfigProblem {
  readonly code: "malformed_json" | "duplicate_key" | "nested_too_deep" | "invalid_fields";
  /** A JSON pointer (RFC 6901); empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** With where the file came from, for a terminal. */
export interface PlacedProblem extends ConfigProblem {
  /** Such as `mcp.json, /mcpServers: holds more than 1000 entries`. */
  readonly line: string;
}
