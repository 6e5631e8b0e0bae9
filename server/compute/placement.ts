// Which node reads which file: rendezvous hashing keeps a file on the node that has it cached while nodes come and go, and a
// cap keeps the busiest node from getting much more than its share. Pure.

import type { Split } from "../../storage/scan/split.ts";

/** How far above an equal share a node may be filled to keep files where they are cached. */
const SLACK = 1.15;
/** A tiny file costs an open all the same. */
const OPEN_COST_BYTES = 256 * 1024;

/** `shares[i]` are the splits of `nodes[i]`, in their given order; every split is in exactly one share. */
export function placeSplits(
  splits: readonly Split[],
  nodes: readonly string[],
): readonly (readonly Split[])[] {
  const total = splits.reduce((sum, split) => sum + costOf(split), 0);
  const cap = (total / Math.max(1, nodes.length)) * SLACK;
  const filled = nodes.map(() => 0);
  const shares: Split[][] = nodes.map(() => []);
  for (const split of splits) {
    const ranking = rankNodes(split.path, nodes);
    const roomy = ranking.find(
      (index) => (filled[index] ?? 0) + costOf(split) <= cap,
    );
    const chosen = roomy ?? leastFilled(filled);
    filled[chosen] = (filled[chosen] ?? 0) + costOf(split);
    shares[chosen]?.push(split);
  }
  return shares;
}

function costOf(split: Split): number {
  return split.sizeBytes + OPEN_COST_BYTES;
}

function leastFilled(filled: readonly number[]): number {
  return filled.reduce(
    (best, value, index) => (value < (filled[best] ?? 0) ? index : best),
    0,
  );
}

/** Node indexes, the file's own first. */
export function rankNodes(
  path: string,
  nodes: readonly string[],
): readonly number[] {
  return nodes
    .map((node, index) => ({ index, weight: hash(`${node}\u0000${path}`) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ index }) => index);
}

/** FNV-1a with a final mix, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
