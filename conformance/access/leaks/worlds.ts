// Random worlds: who is in which group, what is granted and denied, which policies tables carry.

import { fc } from "../../../storage/common/property.testkit.ts";
import {
  GROUPS,
  OWNERS,
  type Filter,
  type Mark,
  type Mask,
  type Policy,
  type World,
} from "./model.ts";

const PEOPLE = ["ana", "ben", "olga", "otto"] as const;
/** More often those who own nothing, so that marks decide. */
const RECEIVERS = ["ana", "ben", "g1", "g2", "users", ...PEOPLE, ...GROUPS];
/** More often those that many others lie in or read. */
const SECURABLES = ["main", "s1", "s2", "s1", "s1.t1", ...Object.keys(OWNERS)];

function mark(effect: Mark["effect"]): fc.Arbitrary<Mark> {
  const to = fc.constantFrom(...RECEIVERS);
  const inTree = fc.record({
    effect: fc.constant(effect),
    privilege: fc.oneof(
      { weight: 4, arbitrary: fc.constant("SELECT") },
      { weight: 1, arbitrary: fc.constant("READ_METADATA") },
      { weight: 1, arbitrary: fc.constant("ALL PRIVILEGES") },
    ),
    on: fc.constantFrom(...SECURABLES),
    to,
  });
  const gate = fc.record({
    effect: fc.constant(effect),
    privilege: fc.constant("USAGE"),
    on: fc.constantFrom("main", "s1", "s2"),
    to,
  });
  const files = fc.record({
    effect: fc.constant(effect),
    privilege: fc.constant("SELECT"),
    on: fc.constant("any file"),
    to,
  });
  return fc.oneof(
    { weight: 6, arbitrary: inTree },
    { weight: 2, arbitrary: gate },
    { weight: 1, arbitrary: files },
  );
}

export const deny: fc.Arbitrary<Mark> = mark("DENY");

/** Granted to all in many worlds, so that most statements get past the gate. */
const WIDE: readonly Mark[] = [
  { effect: "GRANT", privilege: "USAGE", on: "main", to: "users" },
  { effect: "GRANT", privilege: "SELECT", on: "any file", to: "users" },
  { effect: "GRANT", privilege: "SELECT", on: "s1", to: "users" },
  { effect: "GRANT", privilege: "SELECT", on: "s2", to: "users" },
  { effect: "GRANT", privilege: "READ_METADATA", on: "main", to: "users" },
];

const policy: fc.Arbitrary<Policy> = fc.record({
  filter: fc.option(
    fc.constantFrom<Filter>("row 2", "group g1", "group g2", "mapped", "none"),
    { nil: undefined, freq: 2 },
  ),
  masks: fc.tuple(mask(), mask(), mask()),
});

function mask(): fc.Arbitrary<Mask | undefined> {
  return fc.option(
    fc.constantFrom<Mask>("constant", "group g1", "group g2", "first"),
    { nil: undefined, freq: 2 },
  );
}

const open: fc.Arbitrary<Policy> = fc.constant({ masks: [] });

export const world: fc.Arbitrary<Omit<World, "floors">> = fc.record({
  members: fc.record({
    g1: fc.subarray(["ana", "ben", "olga"]),
    g2: fc.subarray(["g1", "ben", "otto"]),
    team: fc.subarray(["olga", "ana"]),
  }),
  marks: fc
    .tuple(
      fc.subarray([...WIDE], { minLength: 3 }),
      fc.array(mark("GRANT"), { maxLength: 6 }),
      fc.array(mark("DENY"), { maxLength: 3 }),
    )
    .map((parts) => parts.flat()),
  policies: fc.record({
    "s1.t1": fc.oneof(open, policy, policy),
    "s1.t2": fc.oneof(open, policy),
    "s2.t3": open,
  }),
});
