import { describe, expect, test } from "vitest";
import { packSmallFiles, packWholePartitions } from "./compaction.ts";
import type { LiveFile } from "../file-table/live-files.ts";

function file(size: number, day = "a", deleted = 0): LiveFile {
  return {
    path: `/t/${day}/${size}`,
    rowCount: size,
    partitionValues: [day],
    deletionVector:
      deleted === 0
        ? undefined
        : {
            storageType: "i",
            location: "",
            sizeInBytes: 1,
            cardinality: deleted,
          },
    add: {
      path: `${day}/${size}`,
      partitionValues: { day },
      size,
      modificationTime: 0,
      dataChange: true,
    },
  };
}

function sizes(groups: readonly (readonly LiveFile[])[]): number[][] {
  return groups.map((group) => group.map(({ add }) => add.size));
}

describe("packing", () => {
  test("small files of one partition come together up to the target", () => {
    const files = [60, 50, 10, 20, 100, 30].map((size) => file(size));
    expect(sizes(packSmallFiles(files, 100))).toEqual([[10, 20, 30]]);
    const more = [...files, file(40), file(45)];
    expect(sizes(packSmallFiles(more, 100))).toEqual([
      [10, 20, 30, 40],
      [45, 50],
    ]);
  });

  test("partitions are never mixed, and a lone file is left alone", () => {
    const files = [file(1, "a"), file(2, "b"), file(3, "a"), file(4, "c")];
    expect(sizes(packSmallFiles(files, 100))).toEqual([[1, 3]]);
  });

  test("deleted rows are purged from files of any size", () => {
    const files = [file(500, "a", 1), file(90, "a"), file(80, "b", 2)];
    expect(sizes(packSmallFiles(files, 100))).toEqual([[500], [80]]);
  });

  test("what was packed once is not packed again", () => {
    const files = Array.from({ length: 50 }, (_, index) =>
      file(7 + (index % 13)),
    );
    const packed = packSmallFiles(files, 100).map((group) =>
      file(group.reduce((sum, { add }) => sum + add.size, 0)),
    );
    expect(packSmallFiles(packed, 100)).toEqual([]);
  });

  test("for an order, whole partitions are taken, in groups one sort can hold", () => {
    const files = [file(60, "a"), file(500, "b"), file(60, "a"), file(10, "a")];
    expect(sizes(packWholePartitions(files, 100))).toEqual([
      [60],
      [60, 10],
      [500],
    ]);
  });
});
