import { expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import type { Split } from "../../storage/scan/split.ts";
import { placeSplits, rankNodes } from "./placement.ts";

function split(path: string, sizeBytes = 1_000_000): Split {
  return { path, sizeBytes, partitionValues: [] };
}

const NODES = ["local-1.1", "local-2.1", "local-3.1"];

test("every split is placed once, in its given order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ path: fc.string(), size: fc.nat(10_000_000) })),
      fc.integer({ min: 1, max: 5 }),
      (files, count) => {
        const splits = files.map(({ path, size }, index) =>
          split(`${index}/${path}`, size),
        );
        const shares = placeSplits(
          splits,
          Array.from({ length: count }, (_, i) => `n${i}`),
        );
        expect(shares).toHaveLength(count);
        expect(
          shares
            .flat()
            .map(({ path }) => path)
            .sort(),
        ).toEqual(splits.map(({ path }) => path).sort());
        for (const share of shares) {
          const order = share.map((item) => splits.indexOf(item));
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      },
    ),
  );
});

test("a file keeps its node when another node comes or goes", () => {
  const files = Array.from(
    { length: 200 },
    (_, i) => `/lake/t/part-${i}.parquet`,
  );
  const before = files.map((path) => NODES[rankNodes(path, NODES)[0] ?? 0]);
  const fewer = NODES.slice(0, 2);
  const after = files.map((path) => fewer[rankNodes(path, fewer)[0] ?? 0]);
  files.forEach((_, i) => {
    if (before[i] !== NODES[2]) expect(after[i]).toBe(before[i]);
  });
});

test("no node gets much more than its share of bytes", () => {
  const splits = Array.from({ length: 100 }, (_, i) =>
    split(`/lake/t/part-${i}.parquet`, 1_000_000 + (i % 7) * 500_000),
  );
  const bytes = placeSplits(splits, NODES).map((share) =>
    share.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  const fair = bytes.reduce((sum, share) => sum + share, 0) / NODES.length;
  for (const share of bytes) expect(share).toBeLessThan(fair * 1.2);
});
