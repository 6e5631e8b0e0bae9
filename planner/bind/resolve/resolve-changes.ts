// table_changes('t', from [, to]): the table it names, and the range of its history (access-control section 6: rights as for time
// travel).

import { notSupported } from "../../../storage/common/errors.ts";
import type { CallExpr } from "../../parse/ast.ts";
import { undefinedRelation } from "../errors/errors-object.ts";
import { findRelation } from "./lookup-name.ts";
import { dotted } from "../names.ts";
import {
  noteKind,
  noteTable,
  requireRelation,
  requireUngoverned,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import { pointOf, tableNameOfText } from "./travel.ts";

/** Throws 0A000 for arguments that are no constants and for what is no Delta table, 42P01. */
export function resolveChanges(
  state: ResolveState,
  scope: NameScope,
  call: CallExpr,
): void {
  const name = tableNameOfText(call);
  const [table, from, to, extra] = call.args;
  const named = call.args.some((argument) => argument.name !== undefined);
  if (!name || !table || !from || extra || named) {
    throw notSupported(
      "table_changes with other arguments than a table's name, a start and an end is",
      call.position,
    );
  }
  const found = findRelation(state, scope, name);
  if (!found) throw undefinedRelation(dotted(name), name.position);
  if (found.kind !== "object") {
    throw notSupported(`table_changes of "${dotted(name)}" is`, name.position);
  }
  const { relation, schema, catalog } = found;
  noteKind(state, "lake", call.position);
  requireRelation(state, scope, relation, {
    privilege: "SELECT",
    name: dotted(name),
    position: name.position,
  });
  if (relation.kind !== "table") {
    throw notSupported("table_changes of a view is", name.position);
  }
  requireUngoverned(state, scope, relation, {
    what: "reading changes of",
    name: dotted(name),
    position: name.position,
  });
  const reference = noteTable(
    state,
    relation,
    {
      kind: "changes",
      from: pointOf(state, from.value),
      to: to && pointOf(state, to.value),
    },
    { typed: dotted(name) },
  );
  state.changes.set(table.value, {
    kind: "table",
    reference,
    name: `${schema.name}.${relation.name}`,
    schema: schema.name,
    catalog: catalog.name,
  });
}
