import { expect, test } from "vitest";
import { youngCollector } from "./young-garbage.ts";

const PIECE_BYTES = 256 * 1024;
const PIECES = 512;
const MIB = 1024 * 1024;

test("pieces that were read and dropped do not pile up", () => {
  const collect = youngCollector();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let piece = 0; piece < PIECES; piece += 1) {
    collect(Buffer.allocUnsafeSlow(PIECE_BYTES).length);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // The runtime by itself looks at 32 MiB.
  expect(most).toBeLessThan(20 * MIB);
});
