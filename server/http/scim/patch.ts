// PATCH bodies of SCIM: a list of operations on `active`, on the display name and on the members of a group. User names and addresses
// never change: they are ignored.

import { HttpProblem } from "../problem.ts";

export interface Assignment {
  /** Undefined: as it is. */
  readonly active: boolean | undefined;
  /** Of a group its name. Undefined: as it is. */
  readonly displayName: string | undefined;
  /** In order. Without ids `remove` takes all members out. */
  readonly members: readonly {
    readonly op: "add" | "remove" | "replace";
    readonly ids: readonly string[] | undefined;
  }[];
}

const IMMUTABLE: ReadonlySet<string> = new Set([
  "username",
  "emails",
  "name",
  "entitlements",
  "roles",
]);
const ONE_MEMBER = /^members\[\s*value\s+eq\s+"([^"]*)"\s*\]$/i;

/** 400 invalidSyntax, invalidPath or invalidValue. */
export function readPatch(body: unknown): Assignment {
  const operations = memberOf(body, "operations");
  if (!Array.isArray(operations)) {
    throw new HttpProblem(400, "invalidSyntax", "Operations is not a list");
  }
  return operations.reduce<Assignment>(
    (assignment, operation: unknown) => apply(assignment, operation),
    { active: undefined, displayName: undefined, members: [] },
  );
}

function apply(assignment: Assignment, operation: unknown): Assignment {
  const op = opOf(memberOf(operation, "op"));
  const path = memberOf(operation, "path");
  const value = memberOf(operation, "value");
  if (path === undefined || path === "") {
    return Object.entries(
      typeof value === "object" ? (value ?? {}) : {},
    ).reduce<Assignment>(
      (changed, [name, inner]) => assign(changed, op, name, inner),
      assignment,
    );
  }
  if (typeof path !== "string") {
    throw new HttpProblem(400, "invalidPath", "path is not text");
  }
  const one = ONE_MEMBER.exec(path)?.[1];
  return one === undefined
    ? assign(assignment, op, path, value)
    : {
        ...assignment,
        members: [...assignment.members, { op, ids: [one] }],
      };
}

function assign(
  assignment: Assignment,
  op: Assignment["members"][number]["op"],
  path: string,
  value: unknown,
): Assignment {
  const name = path.toLowerCase();
  if (name === "active") {
    return { ...assignment, active: flagOf(value) };
  }
  if (name === "displayname") {
    if (op === "remove" || typeof value !== "string")
      throw new HttpProblem(400, "invalidValue", "displayName is not text");
    return { ...assignment, displayName: value };
  }
  if (name === "members") {
    const ids =
      op === "remove" && value === undefined ? undefined : idsOf(value);
    return { ...assignment, members: [...assignment.members, { op, ids }] };
  }
  if (IMMUTABLE.has(name.split(/[.[]/)[0] ?? "")) return assignment;
  throw new HttpProblem(400, "invalidPath", `"${path}" cannot be changed`);
}

function opOf(value: unknown): Assignment["members"][number]["op"] {
  const op = typeof value === "string" ? value.toLowerCase() : "";
  if (op === "add" || op === "remove" || op === "replace") return op;
  throw new HttpProblem(
    400,
    "invalidSyntax",
    "op is not add, remove or replace",
  );
}

function flagOf(value: unknown): boolean {
  if (value === true || value === "true" || value === "True") return true;
  if (value === false || value === "false" || value === "False") return false;
  throw new HttpProblem(400, "invalidValue", "active is not true or false");
}

function idsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    const id = memberOf(item, "value");
    if (typeof id !== "string") {
      throw new HttpProblem(400, "invalidValue", "a member has no value");
    }
    return id;
  });
}

/** Names of SCIM are compared without case. */
function memberOf(object: unknown, name: string): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  const entry = Object.entries(object).find(
    ([key]) => key.toLowerCase() === name,
  );
  return entry?.[1];
}
