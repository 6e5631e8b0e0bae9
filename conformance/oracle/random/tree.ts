// A statement as a tree of pieces, so that one that shows a defect can be made small: a piece gives way to the least text of its sort,
// or to a piece of the same sort within it.

export interface Tree {
  /** Pieces of one sort stand in for each other: `int`, `bool`, `query`. */
  readonly sort: string;
  readonly parts: readonly (string | Tree)[];
  /** Texts that may stand in its place, the least first. */
  readonly least: readonly string[];
}

export function tree(
  sort: string,
  parts: readonly (string | Tree)[],
  ...least: readonly string[]
): Tree {
  return { sort, parts, least };
}

/** Puts `between` between the pieces. */
export function joined(
  pieces: readonly (string | Tree)[],
  between: string,
): readonly (string | Tree)[] {
  return pieces.flatMap((piece, at) => (at === 0 ? [piece] : [between, piece]));
}

export function print(node: string | Tree): string {
  return typeof node === "string" ? node : node.parts.map(print).join("");
}

/** Every tree that is smaller by one step, the boldest steps first. */
function* smaller(node: Tree): Generator<Tree> {
  const text = print(node);
  for (const least of node.least)
    if (least.length < text.length) yield tree(node.sort, [least]);
  for (const inner of within(node))
    if (inner.sort === node.sort && print(inner).length < text.length)
      yield inner;
  for (const [at, part] of node.parts.entries()) {
    if (typeof part === "string") continue;
    for (const less of smaller(part))
      yield { ...node, parts: node.parts.with(at, less) };
  }
}

function* within(node: Tree): Generator<Tree> {
  for (const part of node.parts) {
    if (typeof part === "string") continue;
    yield part;
    yield* within(part);
  }
}

/** The smallest tree found that still has the property, in at most `steps` trials. */
export async function shrink(
  start: Tree,
  holds: (candidate: Tree) => Promise<boolean>,
  steps = 600,
): Promise<Tree> {
  let best = start;
  let left = steps;
  for (let progress = true; progress && left > 0;) {
    progress = false;
    for (const candidate of smaller(best)) {
      if (left <= 0) break;
      left -= 1;
      if (!(await holds(candidate))) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}
