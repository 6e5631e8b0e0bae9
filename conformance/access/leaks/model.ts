// What each user may see, written from the access control specification (sections 1, 5, 8, 9.3 and 14) over one small lake. It shares
// nothing with the code it judges.

export const USERS = ["ana", "ben", "olga", "otto", "admin"] as const;
export const GROUPS = ["g1", "g2", "team"] as const;
export const TABLES = ["s1.t1", "s1.t2", "s2.t3"] as const;
export type User = (typeof USERS)[number];
export type Group = (typeof GROUPS)[number];
export type Table = (typeof TABLES)[number];

/** One GRANT or DENY. */
export interface Mark {
  readonly effect: "GRANT" | "DENY";
  readonly privilege: string;
  /** `main`, a schema, a relation, a function with its parentheses, or `any file`. */
  readonly on: string;
  readonly to: string;
}

/** `row 2` hides row 2; `group g1` shows others than its members row 1 alone; `mapped` shows the rows of MAP; `none` shows no row. */
export type Filter = "row 2" | "group g1" | "group g2" | "mapped" | "none";
/** `group g1` shows the cell to its members; `first` shows that of row 1 alone. */
export type Mask = "constant" | "group g1" | "group g2" | "first";
export interface Policy {
  readonly filter?: Filter | undefined;
  /** Of the columns c1, c2 and c3. */
  readonly masks: readonly (Mask | undefined)[];
}

export interface World {
  readonly members: Readonly<Record<Group, readonly string[]>>;
  readonly marks: readonly Mark[];
  readonly policies: Readonly<Record<Table, Policy>>;
  /** Tables that had a policy once: their old versions are the owner's. */
  readonly floors: ReadonlySet<string>;
}

interface Row {
  readonly n: number;
  readonly cells: readonly string[];
}

/** Which rows the policy `mapped` shows to whom. */
export const MAP: Readonly<Partial<Record<User, number>>> = {
  ana: 1,
  ben: 2,
  olga: 3,
};

export const OWNERS: Readonly<Record<string, string>> = {
  main: "admin",
  s1: "olga",
  s2: "otto",
  "s1.t1": "olga",
  "s1.t2": "otto",
  "s2.t3": "team",
  "s1.v1": "olga",
  "s2.v2": "otto",
  "s2.v3": "otto",
  "s1.v4": "olga",
  "s1.v5": "olga",
  "s1.v6": "olga",
  "s1.f1()": "olga",
  "s2.f2()": "otto",
};

/** What the text of a view or function reads, and what it makes of the rows. */
const BODIES: Readonly<
  Record<
    string,
    { readonly reads: readonly string[]; readonly shown: (row: Row) => Row }
  >
> = {
  "s1.v1": { reads: ["s1.t1"], shown: whole },
  "s2.v2": { reads: ["s1.t1"], shown: whole },
  "s2.v3": { reads: ["s1.v1"], shown: whole },
  "s1.v4": {
    reads: ["s1.v1"],
    shown: (row) => (row.n <= 2 ? firstCell(row) : { ...row, cells: [] }),
  },
  "s1.v5": { reads: ["s2.t3"], shown: whole },
  "s1.v6": { reads: ["s1.t1", "s1.t2"], shown: whole },
  "s1.f1()": { reads: ["s1.t1"], shown: firstCell },
  "s2.f2()": { reads: ["s1.t2"], shown: firstCell },
};

export const RELATIONS: readonly string[] = [
  ...TABLES,
  ...Object.keys(BODIES).filter((name) => !name.endsWith(")")),
];
export const FUNCTIONS: readonly string[] = Object.keys(BODIES).filter((name) =>
  name.endsWith(")"),
);
/** Rows 1 to 3 are in the table, row 4 was. */
export const ROWS = [1, 2, 3, 4] as const;

/** The text of a cell, which stands nowhere else. The third column is a number. */
export function markerOf(table: string, row: number, column: number): string {
  const number = table.slice(-1);
  return column === 3
    ? `88010${number}0${row}03`
    : `t${number}r${row}c${column}!`;
}

/**
 * The cells that a source shows to a user; undefined where it is refused. A source is a relation, a function, `old t` for a table as it
 * was, or `path t` for its folder.
 */
export function shownBy(
  world: World,
  user: User,
  source: string,
): ReadonlySet<string> | undefined {
  const rows = rowsOf(world, user, source);
  return rows && new Set(rows.flatMap(({ cells }) => cells));
}

function rowsOf(
  world: World,
  user: User,
  source: string,
): readonly Row[] | undefined {
  const [way = "", table = ""] = source.split(" ");
  if (way !== "old" && way !== "path")
    return canSelect(world, user, source)
      ? contents(world, user, source)
      : undefined;
  const found = TABLES.find((name) => name === table);
  if (found === undefined || isGoverned(world, found)) return undefined;
  if (!canSelect(world, user, found)) return undefined;
  if (way === "path")
    return has(world, user, "SELECT", "any file")
      ? contents(world, user, found)
      : undefined;
  return world.floors.has(found) && !owns(world, user, found)
    ? undefined
    : storedRows(found, 4);
}

/** The rows behind an object that may be read; undefined where a broken chain ends before what the user may read. */
function contents(
  world: World,
  user: User,
  object: string,
): readonly Row[] | undefined {
  const body = BODIES[object];
  if (body === undefined) return tableRows(world, user, object);
  const parts = body.reads.map((base) =>
    mayFollow(world, user, object, base)
      ? contents(world, user, base)
      : undefined,
  );
  return parts.every((part) => part !== undefined)
    ? parts.flat().map(body.shown)
    : undefined;
}

/** Section 8, and 1 for the administrator: the link is intact where the owner of the view owns what it reads itself, or is in the group that does. */
function mayFollow(
  world: World,
  user: User,
  view: string,
  base: string,
): boolean {
  const owner = OWNERS[view] ?? "";
  if (user === "admin") return true;
  const intact = principalsOf(world, owner).has(OWNERS[base] ?? "");
  return intact ? passesGate(world, owner, base) : canSelect(world, user, base);
}

function tableRows(world: World, user: User, name: string): readonly Row[] {
  const table = TABLES.find((known) => known === name);
  if (table === undefined) throw new Error(`no such table: ${name}`);
  const { filter, masks } = world.policies[table];
  return storedRows(table, 3)
    .filter(({ n }) => filter === undefined || keeps(world, user, filter, n))
    .map(({ n, cells }) => ({
      n,
      cells: cells.filter((_, column) => {
        const mask = masks[column];
        return mask === undefined || unmasks(world, user, mask, n);
      }),
    }));
}

function keeps(world: World, user: User, filter: Filter, n: number): boolean {
  switch (filter) {
    case "row 2":
      return n !== 2;
    case "mapped":
      return MAP[user] === n;
    case "none":
      return false;
    case "group g1":
    case "group g2":
      return n === 1 || principalsOf(world, user).has(filter.slice(-2));
  }
}

function unmasks(world: World, user: User, mask: Mask, n: number): boolean {
  switch (mask) {
    case "constant":
      return false;
    case "first":
      return n === 1;
    case "group g1":
    case "group g2":
      return principalsOf(world, user).has(mask.slice(-2));
  }
}

export function isGoverned(
  { policies }: Pick<World, "policies">,
  table: Table,
): boolean {
  const { filter, masks } = policies[table];
  return filter !== undefined || masks.some((mask) => mask !== undefined);
}

function canSelect(world: World, user: string, object: string): boolean {
  return passesGate(world, user, object) && has(world, user, "SELECT", object);
}

function passesGate(world: World, user: string, object: string): boolean {
  return has(world, user, "USAGE", object.slice(0, 2));
}

/** Section 5.1. */
function has(
  world: World,
  user: string,
  privilege: string,
  object: string,
): boolean {
  if (owns(world, user, object)) return true;
  const who = principalsOf(world, user);
  const path = pathTo(object);
  const effects = world.marks
    .filter(
      (mark) =>
        (mark.privilege === privilege || mark.privilege === "ALL PRIVILEGES") &&
        path.includes(mark.on) &&
        who.has(mark.to),
    )
    .map(({ effect }) => effect);
  return effects.includes("GRANT") && !effects.includes("DENY");
}

function owns(world: World, user: string, object: string): boolean {
  const who = principalsOf(world, user);
  return (
    user === "admin" || pathTo(object).some((at) => who.has(OWNERS[at] ?? ""))
  );
}

function pathTo(object: string): readonly string[] {
  if (object === "any file" || object === "main") return [object];
  return object.includes(".")
    ? [object, object.slice(0, 2), "main"]
    : [object, "main"];
}

/** The principal, its groups, theirs, and `users`. */
function principalsOf(
  { members }: World,
  principal: string,
): ReadonlySet<string> {
  const found = new Set([principal]);
  for (const member of found)
    for (const group of GROUPS)
      if (members[group].includes(member)) found.add(group);
  return found.add("users");
}

function storedRows(table: Table, count: number): readonly Row[] {
  return ROWS.slice(0, count).map((n) => ({
    n,
    cells: [1, 2, 3].map((column) => markerOf(table, n, column)),
  }));
}

function whole(row: Row): Row {
  return row;
}

function firstCell({ n, cells }: Row): Row {
  return { n, cells: cells.filter((cell) => cell.endsWith("c1!")) };
}
