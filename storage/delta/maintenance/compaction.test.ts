import { describe, expect, test } from "vitest";
import {
  packDeleted,
  packSmallFiles,
  packUnclustered,
  packWholePartitions,
} from "./compaction.ts";
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

function clustered(it: LiveFile): LiveFile {
  return { ...it, add: { ...it.add, clusteringProvider: "liquid" } };
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

  test("clustering takes new files, those that lost rows, and small ones", () => {
    const groupBytes = 1000;
    const pick = (files: readonly LiveFile[]): number[][] =>
      sizes(packUnclustered(files, { targetBytes: 100, groupBytes }));
    const large = clustered(file(150));
    const small = clustered(file(10));
    expect(pick([large, small])).toEqual([]);
    expect(pick([large, small, clustered(file(20))])).toEqual([[10, 20]]);
    expect(pick([large, small, file(300), file(40)])).toEqual([[10, 300, 40]]);
    expect(pick([large, clustered(file(500, "a", 3))])).toEqual([[500]]);
    expect(pick([file(700), file(600), large])).toEqual([[700], [600]]);
  });

  test("a purge takes files with deleted rows alone, clustered ones each by itself", () => {
    const gone = [file(30, "a", 1), file(20, "a", 2), file(10, "b", 1)];
    const ordered = [file(5, "a", 1), file(6, "a", 1)].map(clustered);
    expect(
      sizes(packDeleted([file(1), ...gone, ...ordered, file(2)], 100)),
    ).toEqual([[5], [6], [30, 20], [10]]);
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
