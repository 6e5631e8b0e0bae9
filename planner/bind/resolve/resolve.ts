// Names to objects, and what the session must be allowed for it: pure, from memory. Nothing in storage is touched before
// the requirements found here have been authorized (design section 3, access-control sections 6 and 15.3).

import type { Statement } from "../../parse/ast.ts";
import type { ResolveEnvironment } from "../environment.ts";
import { resolveExpressions } from "./resolve-query.ts";
import { newResolveState, topScope } from "./resolve-state.ts";
import { resolveStatement } from "./resolve-statement.ts";
import type { Resolved } from "./resolved.ts";

/** Throws 42P01, 3F000, 3D000 as for objects that do not exist, 42P09, 42P17, 0A000. */
export function resolve(
  statement: Statement,
  environment: ResolveEnvironment,
): Resolved {
  const state = newResolveState(environment, resolveExpressions);
  resolveStatement(state, topScope(environment), statement);
  return {
    statement,
    tables: [...state.tables.values()],
    requirements: state.requirements.toSorted(
      (a, b) => positionOf(a) - positionOf(b),
    ),
    relations: state.relations,
    calls: state.calls,
    changes: state.changes,
    policyFunctions: state.policyFunctions,
    recursive: state.recursive,
    targets: state.targets,
    systemRelations: state.met.system ? "only" : "none",
    functionNames: state.functionNames,
  };
}

/** Requirements without a place of their own come first: they are about the statement as a whole. */
function positionOf(requirement: object): number {
  return "position" in requirement && typeof requirement.position === "number"
    ? requirement.position
    : 0;
}
