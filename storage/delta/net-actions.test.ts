import { describe, expect, test } from "vitest";
import type { Action, LoggedDeletionVector } from "./actions.ts";
import { netActions } from "./net-actions.ts";

function vector(name: string): LoggedDeletionVector {
  return {
    storageType: "u",
    pathOrInlineDv: name,
    offset: 1,
    sizeInBytes: 1,
    cardinality: 1,
  };
}

function added(path: string, name?: string): Action {
  return {
    kind: "add",
    add: {
      path,
      partitionValues: {},
      size: 1,
      modificationTime: 1,
      dataChange: true,
      ...(name === undefined ? {} : { deletionVector: vector(name) }),
    },
  };
}

function removed(path: string, name?: string): Action {
  return {
    kind: "remove",
    remove: {
      path,
      dataChange: true,
      ...(name === undefined ? {} : { deletionVector: vector(name) }),
    },
  };
}

const CASES: readonly (readonly [
  string,
  readonly (readonly Action[])[],
  readonly Action[],
])[] = [
  [
    "one change stays as it is",
    [[removed("a"), added("b")]],
    [removed("a"), added("b")],
  ],
  [
    "a file added and removed again leaves nothing",
    [[added("n")], [removed("n")]],
    [],
  ],
  [
    "a file of the table with two new vectors is removed as it was and added as it is",
    [
      [removed("a"), added("a", "one")],
      [removed("a", "one"), added("a", "two")],
    ],
    [removed("a"), added("a", "two")],
  ],
  [
    "a file of the table marked, then removed whole, is removed as it was",
    [[removed("a", "old"), added("a", "new")], [removed("a", "new")]],
    [removed("a", "old")],
  ],
  [
    "a new file that is marked is added once, with its vector",
    [[added("n")], [removed("n"), added("n", "one")]],
    [added("n", "one")],
  ],
  [
    "R5: spellings of a path are one path",
    [[added("a%2Bb")], [removed("a+b")]],
    [],
  ],
];

describe("several changes in one commit", () => {
  test.each(CASES)("W2: %s", (_, changes, net) => {
    expect(netActions(changes)).toEqual(net);
  });
});
