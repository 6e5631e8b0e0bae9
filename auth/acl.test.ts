// Properties of the decision, over random worlds: small enough that every interaction of levels, groups, grants and denies turns up.

import { expect, test } from "vitest";
import type { CatalogObject } from "../storage/catalog/objects.ts";
import {
  objectId,
  principalId,
  type PrincipalId,
} from "../storage/common/ids.ts";
import { fc } from "../storage/common/property.testkit.ts";
import {
  PRIVILEGE_BITS,
  decide,
  type AclState,
  type Marks,
  type SecurableKey,
} from "./acl.ts";
import { isVisible, type VisibilityState } from "./visibility.ts";
import { PRIVILEGES, type Privilege } from "./privilege.ts";

const USERS = ["u0", "u1", "u2"] as const;
const GROUPS = ["g0", "g1", "g2"] as const;
const PEOPLE = [...USERS, ...GROUPS];
const TREE = ["cat", "s0", "s1", "t0", "t1", "t2"] as const;
const PARENTS: Readonly<Record<string, string | undefined>> = {
  s0: "cat",
  s1: "cat",
  t0: "s0",
  t1: "s0",
  t2: "s1",
};

interface Model {
  readonly owners: Readonly<Record<string, string | undefined>>;
  /** group contains member; only towards higher group numbers, so no cycles. */
  readonly members: readonly (readonly [group: string, member: string])[];
  readonly admins: readonly string[];
  readonly records: readonly Rec[];
}
interface Rec {
  readonly who: string;
  readonly privilege: Privilege;
  readonly on: string;
  readonly effect: "grant" | "deny";
}

const person = fc.constantFrom(...PEOPLE);
const record: fc.Arbitrary<Rec> = fc.record({
  who: person,
  privilege: fc.constantFrom(...PRIVILEGES),
  on: fc.constantFrom(...TREE),
  effect: fc.constantFrom("grant", "deny"),
});
const model: fc.Arbitrary<Model> = fc.record({
  owners: fc.record(
    Object.fromEntries(
      TREE.map((o) => [o, fc.option(person, { nil: undefined, freq: 2 })]),
    ),
  ),
  members: fc.array(
    fc
      .tuple(fc.constantFrom(...GROUPS), person)
      .filter(([group, member]) => member.startsWith("u") || member > group),
    { maxLength: 6 },
  ),
  admins: fc.subarray([...USERS], { maxLength: 1 }),
  records: fc.array(record, { maxLength: 14 }),
});

/** Straight from the text of access-control section 5.1, with nothing clever. */
function reaches(m: Model, who: string): ReadonlySet<string> {
  const set = new Set([who]);
  for (const _round of PEOPLE) {
    for (const [group, member] of m.members) {
      if (set.has(member)) set.add(group);
    }
  }
  return set;
}
function lineage(on: string): readonly string[] {
  const parent = PARENTS[on];
  return parent === undefined ? [on] : [on, ...lineage(parent)];
}
function modelHas(
  m: Model,
  who: string,
  privilege: Privilege,
  on: string,
): boolean {
  const set = reaches(m, who);
  const path = lineage(on);
  if ([...set].some((p) => m.admins.includes(p))) return true;
  if (path.some((o) => set.has(m.owners[o] ?? "nobody"))) return true;
  const hits = m.records.filter(
    (r) => r.privilege === privilege && set.has(r.who) && path.includes(r.on),
  );
  if (hits.some(({ effect }) => effect === "deny")) return false;
  return hits.some(({ effect }) => effect === "grant");
}

function stateOf(m: Model): VisibilityState {
  const objects = new Map<string, CatalogObject>(
    TREE.map((name, index) => {
      const owner = m.owners[name];
      const entry = {
        id: objectId(name),
        oid: index,
        name,
        owner: owner === undefined ? undefined : principalId(owner),
      };
      const parent = objectId(PARENTS[name] ?? "");
      if (name === "cat")
        return [name, { ...entry, kind: "catalog", location: "" }];
      if (name.startsWith("s"))
        return [name, { ...entry, kind: "schema", catalog: parent }];
      return [
        name,
        {
          ...entry,
          kind: "table",
          schema: parent,
          location: "",
          origin: "managed",
        },
      ];
    }),
  );
  const marks = new Map<SecurableKey, Map<PrincipalId, Marks>>();
  for (const { who, privilege, on, effect } of m.records) {
    const key = objectId(on);
    const level = marks.get(key) ?? new Map<PrincipalId, Marks>();
    const before = level.get(principalId(who)) ?? { granted: 0, denied: 0 };
    const bit = PRIVILEGE_BITS[privilege];
    level.set(
      principalId(who),
      effect === "grant"
        ? { ...before, granted: before.granted | bit }
        : { ...before, denied: before.denied | bit },
    );
    marks.set(key, level);
  }
  const set = (who: PrincipalId): ReadonlySet<PrincipalId> =>
    new Set([...reaches(m, who)].map(principalId));
  return {
    object: (id) => objects.get(id),
    effectiveSet: set,
    isAdmin: (who) => [...set(who)].some((p) => m.admins.includes(p)),
    marksOn: (key) => marks.get(key),
    schemasIn: () => [...objects.values()].filter((o) => o.kind === "schema"),
  };
}

function has(
  state: AclState,
  who: string,
  privilege: Privilege,
  on: string,
): boolean {
  const object = state.object(objectId(on));
  if (object === undefined) throw new TypeError(on);
  return decide(state, principalId(who), privilege, object).allowed;
}

function everyQuestion(): readonly (readonly [string, Privilege, string])[] {
  return USERS.flatMap((who) =>
    PRIVILEGES.flatMap((privilege) =>
      TREE.map((on) => [who, privilege, on] as const),
    ),
  );
}

test("the decision agrees with the specification's five lines", () => {
  fc.assert(
    fc.property(model, (m) => {
      const state = stateOf(m);
      for (const [who, privilege, on] of everyQuestion()) {
        expect(has(state, who, privilege, on)).toBe(
          modelHas(m, who, privilege, on),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("a deny only ever removes access, and visibility with it", () => {
  fc.assert(
    fc.property(model, record, (m, extra) => {
      const before = stateOf(m);
      const after = stateOf({
        ...m,
        records: [...m.records, { ...extra, effect: "deny" }],
      });
      for (const [who, privilege, on] of everyQuestion()) {
        if (has(after, who, privilege, on))
          expect(has(before, who, privilege, on)).toBe(true);
      }
      for (const who of USERS) {
        for (const on of TREE) {
          const [was, is] = [before, after].map((state) => {
            const object = state.object(objectId(on));
            return (
              object !== undefined && isVisible(state, principalId(who), object)
            );
          });
          if (is === true) expect(was).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a grant only ever adds access, and never lifts a deny", () => {
  fc.assert(
    fc.property(model, record, (m, extra) => {
      const before = stateOf(m);
      const after = stateOf({
        ...m,
        records: [...m.records, { ...extra, effect: "grant" }],
      });
      for (const [who, privilege, on] of everyQuestion()) {
        if (has(before, who, privilege, on))
          expect(has(after, who, privilege, on)).toBe(true);
        const object = before.object(objectId(on));
        const decision =
          object && decide(before, principalId(who), privilege, object);
        if (decision?.by === "deny")
          expect(has(after, who, privilege, on)).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

test("a refusal by deny and an allowance by grant name a record that is there", () => {
  fc.assert(
    fc.property(model, (m) => {
      const state = stateOf(m);
      for (const [who, privilege, on] of everyQuestion()) {
        const object = state.object(objectId(on));
        const decision =
          object && decide(state, principalId(who), privilege, object);
        if (decision?.by !== "deny" && decision?.by !== "grant") continue;
        const { principal, securable } = decision.record;
        expect(typeof securable).toBe("object");
        expect(m.records).toContainEqual({
          who: principal,
          privilege,
          on: typeof securable === "string" ? "" : securable.name,
          effect: decision.by,
        });
      }
    }),
    { numRuns: 200 },
  );
});
