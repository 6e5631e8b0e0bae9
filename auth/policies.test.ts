// Row filters and masks as rights see them: kept with their table, evaluated as their function's owner, in nobody's way but a reader's.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CatalogObject, TableEntry } from "../storage/catalog/objects.ts";
import { SqlError } from "../storage/common/errors.ts";
import type { TablePolicies } from "../storage/common/policy.ts";
import { securableOf } from "./authorize.ts";
import { World } from "./governance.testkit.ts";
import { dropUser } from "./principals.ts";
import type { Requirement } from "./privilege.ts";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world[Symbol.dispose]());

function maskEmail(): TablePolicies {
  const column = { name: "email", physicalName: "col-1" };
  const policies: TablePolicies = {
    rowFilter: {
      function: world.object("sales.f_mask").id,
      args: [
        { kind: "column", name: "region", physicalName: "region" },
        { kind: "constant", text: "'x'" },
      ],
    },
    masks: [{ function: world.object("sales.f_mask").id, args: [], column }],
    floor: 7,
  };
  world.governance.catalog.setPolicies(
    world.object("sales.orders").id,
    policies,
  );
  return policies;
}

function policiesOf(path: string): TablePolicies | undefined {
  return (world.object(path) as TableEntry).policies;
}

/** What the body of the function, called by a policy, must be allowed. */
function belowPolicy(object: CatalogObject): Requirement {
  const { id } = world.object("sales.f_mask");
  return {
    kind: "privilege",
    privilege: "SELECT",
    securable: securableOf(object),
    name: "sales.orders",
    through: { definer: id, path: [id], outermostName: "o", policy: id },
  };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return "ok";
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.code;
  }
}

describe("policies of a table", () => {
  test("are read as they were written after a restart", () => {
    const policies = maskEmail();
    world.reopen();
    expect(policiesOf("sales.orders")).toEqual(policies);
  });

  test("follow a renamed table and go with a dropped one", () => {
    const policies = maskEmail();
    const { id } = world.object("sales.orders");
    world.governance.catalog.rename(id, "renamed");
    expect(policiesOf("sales.renamed")).toEqual(policies);
    world.drop("sales.renamed");
    world.table("sales.renamed", "alice");
    expect(policiesOf("sales.renamed")).toBeUndefined();
  });

  test("keep their function from being dropped, by CASCADE too, but not with their own schema", () => {
    maskEmail();
    expect(codeOf(() => world.drop("sales.f_mask"))).toBe("2BP01");
    expect(world.find("sales.f_mask")).toBeDefined();
    expect(codeOf(() => world.drop("sales"))).toBe("ok");
  });
});

describe("what nobody may do to a governed table", () => {
  const travel = (): Requirement => ({
    kind: "ungoverned",
    securable: securableOf(world.object("sales.orders")),
    what: "time travel on",
    name: "sales.orders",
  });

  test("is refused to owners and administrators, and audited", () => {
    expect(world.try("alice", travel())).toBe("ok");
    maskEmail();
    for (const who of ["alice", "root"])
      expect(world.try(who, travel())).toContain("0A000");
    expect(world.auditRecords().at(-1)).toMatchObject({
      action_name: "requestPermissions",
      response: {
        error_message: "the table has a row filter or a column mask",
      },
    });
  });
});

describe("the body of a policy's function", () => {
  test("reads what its owner may read, whoever asks", () => {
    const requirement = belowPolicy(world.object("sales.customers"));
    expect(world.try("bob", requirement)).toBe("ok");
  });

  test("reads nothing that its owner may not, though the reader might", () => {
    const requirement = belowPolicy(world.object("hr.salaries"));
    for (const who of ["bob", "dave", "root"])
      expect(world.try(who, requirement)).toContain("55000");
  });

  test("reads nothing once its owner is gone, for administrators neither", () => {
    const own = belowPolicy(world.object("sales.f_mask"));
    expect(world.try("root", own)).toBe("ok");
    dropUser(world.governance, world.as("root"), { name: "alice" }, false);
    for (const who of ["bob", "root"])
      expect(world.try(who, own)).toContain("55000");
  });
});
