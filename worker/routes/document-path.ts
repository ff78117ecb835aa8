/** A route's path as documents write it: `/servers/:id{[^/:]+:check}` is `/servers/{id}:check`. */
export function documentPath(pattern: string): string {
  return pattern.replace(/:(\w+)\{\[\^\/:\]\+(:\w+)?\}/g, "{$1}$2").replace(/\/:(\w+)/g, "/{$1}");
}
