/** Names of tools that were known and read otherwise now, or are not listed any more. */
export interface ToolChanges {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}
