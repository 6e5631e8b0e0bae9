import { describe, expect, test } from "vitest";
import type { Action, AddFile } from "./actions.ts";
import {
  rowTrackingOf,
  trackedColumns,
  withRowIds,
  type NumberedCommit,
} from "./row-tracking.ts";

const COMMIT: NumberedCommit = {
  table: "t",
  protocol: {
    minReaderVersion: 1,
    minWriterVersion: 7,
    writerFeatures: ["rowTracking", "domainMetadata"],
  },
  metadata: {
    id: "t",
    schemaString: '{"type":"struct","fields":[]}',
    partitionColumns: [],
    configuration: {},
  },
  domains: new Map(),
  version: 7,
};

function configured(
  configuration: Readonly<Record<string, string>>,
): NumberedCommit {
  return { ...COMMIT, metadata: { ...COMMIT.metadata, configuration } };
}

function marked(mark: string): NumberedCommit {
  const domain = "delta.rowTracking";
  const configuration = `{"rowIdHighWaterMark":${mark}}`;
  return {
    ...COMMIT,
    domains: new Map([[domain, { domain, configuration, removed: false }]]),
  };
}

function add(
  path: string,
  rows: number | undefined,
  more: Partial<AddFile> = {},
): Action {
  return {
    kind: "add",
    add: {
      path,
      partitionValues: {},
      size: 1,
      modificationTime: 0,
      dataChange: true,
      ...(rows === undefined ? {} : { stats: `{"numRecords":${rows}}` }),
      ...more,
    },
  };
}

function numbers(actions: readonly Action[]): readonly string[] {
  return actions.map((action) =>
    action.kind === "add"
      ? `${action.add.path} ${action.add.baseRowId ?? "-"} ${action.add.defaultRowCommitVersion ?? "-"}`
      : action.kind === "domainMetadata"
        ? action.domain.configuration
        : action.kind,
  );
}

describe("row ids of added files (W8)", () => {
  test("begin at 0 and leave no file out, an empty one included", () => {
    expect(
      numbers(withRowIds([add("a", 3), add("b", 0), add("c", 2)], COMMIT)),
    ).toEqual(["a 0 7", "b 3 7", "c 3 7", '{"rowIdHighWaterMark":4}']);
  });

  test("follow the high-water mark, beyond what a double holds", () => {
    expect(
      numbers(withRowIds([add("a", 2)], marked("9007199254740993"))),
    ).toEqual([
      "a 9007199254740994 7",
      '{"rowIdHighWaterMark":9007199254740995}',
    ]);
  });

  test("stay with a file that is added again", () => {
    const again = add("a", 3, { baseRowId: 5n, defaultRowCommitVersion: 2n });
    expect(numbers(withRowIds([again], marked("9")))).toEqual(["a 5 2"]);
  });

  test.each([
    [
      "the feature is not in the protocol",
      { ...COMMIT, protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    ],
    [
      "tracking is suspended",
      configured({ "delta.rowTrackingSuspended": "true" }),
    ],
  ])("are not given where %s", (_name, commit) => {
    expect(numbers(withRowIds([add("a", 1)], commit))).toEqual(["a - -"]);
  });

  test.each([
    ["that says nothing", add("a", undefined)],
    ["whose statistics are damaged", add("a", undefined, { stats: "{" })],
  ])("cannot be given to a file %s", (_name, action) => {
    expect(() => withRowIds([action], COMMIT)).toThrow(
      expect.objectContaining({ code: "0A000" }),
    );
  });

  test("a high-water mark that is no number is damage", () => {
    expect(() => withRowIds([add("a", 1)], marked('"x"'))).toThrow(
      expect.objectContaining({ code: "XX001" }),
    );
  });
});

test("rows keep ids only where tracking is enabled, in the columns the table names", () => {
  const names = {
    "delta.rowTracking.materializedRowIdColumnName": "i",
    "delta.rowTracking.materializedRowCommitVersionColumnName": "v",
  };
  const trackingOf = (
    more: Readonly<Record<string, string>>,
  ): readonly string[] => {
    const { protocol, metadata } = configured({ ...names, ...more });
    const tracking = rowTrackingOf(protocol, metadata);
    return trackedColumns(tracking, "copied").map(
      ({ physicalName }) => physicalName,
    );
  };
  expect(trackingOf({})).toEqual([]);
  expect(trackingOf({ "delta.enableRowTracking": "true" })).toEqual(["i", "v"]);
});
