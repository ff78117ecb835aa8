/**
 * Whether a URI may have been made from a resource template (RFC 6570). `{name}`, level 1, stands for one character or
 * more up to the next slash. Of an expression of a higher level nothing is checked but where it begins: the server is
 * the judge of the rest, and all that is decided here is whom to ask. Templates and URIs are foreign text: each piece is
 * looked for once, left to right, and never given up again.
 */

/** `undefined` is a variable. */
type Piece = string | undefined;

interface Shape {
  readonly pieces: readonly Piece[];
  /** What may follow the pieces: nothing, anything, or something that begins with this character. */
  readonly rest: "none" | "any" | "?" | "#";
}

const plainVariable = /^[A-Za-z0-9_.%-]+$/;
/** What a variable of level 1 never expands to, since it separates parts of a URI. */
const separator = /[/?#]/g;

export function matchesTemplate(template: string, uri: string): boolean {
  const shape = shapeOf(template);
  // One that says nothing before its first variable would claim every URI there is.
  if (shape === undefined || !shape.pieces[0]) return false;
  const { pieces, rest } = shape;
  const cut = rest === "?" || rest === "#" ? uri.indexOf(rest) : -1;
  return matches(pieces, rest === "any", cut < 0 ? uri : uri.slice(0, cut));
}

/** Undefined when a brace is not closed. */
function shapeOf(template: string): Shape | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  for (;;) {
    const open = template.indexOf("{", at);
    if (open !== at) pieces.push(template.slice(at, open < 0 ? undefined : open));
    if (open < 0) return { pieces, rest: "none" };
    const close = template.indexOf("}", open);
    if (close < 0) return undefined;
    const expression = template.slice(open + 1, close);
    if (!plainVariable.test(expression)) {
      const operator = expression.charAt(0);
      return { pieces, rest: operator === "?" || operator === "#" ? operator : "any" };
    }
    pieces.push(undefined);
    at = close + 1;
  }
}

/**
 * The leftmost place of a literal is the only one to try: a later one would put this one into the variable before it,
 * where it fits only if it holds no separator, and then it fits into the variable after it just as well.
 */
function matches(pieces: readonly Piece[], open: boolean, uri: string): boolean {
  let at = 0;
  let variables = 0;
  for (const [index, piece] of pieces.entries()) {
    if (piece === undefined) {
      variables += 1;
      continue;
    }
    const isLast = index === pieces.length - 1 && !open;
    const earliest = at + variables;
    const found = isLast ? uri.length - piece.length : uri.indexOf(piece, earliest);
    if (found < earliest || found > reach(uri, at, variables) || !uri.startsWith(piece, found)) return false;
    at = found + piece.length;
    variables = 0;
  }
  if (variables === 0) return open || at === uri.length;
  const end = reach(uri, at, variables);
  return end >= at + variables && (open || end === uri.length);
}

/** How far variables that begin here can stretch. */
function reach(uri: string, at: number, variables: number): number {
  if (variables === 0) return at;
  separator.lastIndex = at;
  return separator.exec(uri)?.index ?? uri.length;
}
