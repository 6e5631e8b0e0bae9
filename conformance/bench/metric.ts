// One JSON line a metric: both sides and their ratio, medians of paired runs.

export interface Metric {
  readonly bench: string;
  readonly metric: string;
  readonly ours: number;
  readonly theirs: number | null;
  readonly unit: string;
  readonly rows?: number;
}

export function report({
  bench,
  metric,
  ours,
  theirs,
  unit,
  rows,
}: Metric): void {
  const ratio = theirs === null ? null : round(ours / theirs);
  process.stdout.write(
    `${JSON.stringify({ bench, metric, ours: round(ours), theirs: theirs === null ? null : round(theirs), ratio, unit, rows })}\n`,
  );
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Alternates both sides, so that what disturbs the machine disturbs both. Gives the medians in milliseconds. */
export async function paired(
  rounds: number,
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
): Promise<{ ours: number; theirs: number }> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [first, second] = [await timed(ours), await timed(theirs)];
    // The first round warms both.
    if (round > 0) {
      a.push(first);
      b.push(second);
    }
  }
  return { ours: median(a), theirs: median(b) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
