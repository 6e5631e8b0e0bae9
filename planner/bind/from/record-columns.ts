// The columns of `json_to_recordset(…) AS t(a int, b text)` and its kin: members of each object, read as the column's type.

import {
  TEXT,
  isNested,
  typeNameWithModifier,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type { Expression } from "../../logical/expression.ts";
import type { FunctionFrom } from "../../parse/ast.ts";
import { cast } from "../coerce.ts";
import {
  columnListNotAllowed,
  columnListRequired,
  columnListWithOrdinality,
} from "../errors/errors-query.ts";
import { applyOperator } from "../expression/operator.ts";
import type { Scope, ScopeColumn } from "../scope.ts";

const RECORD_FUNCTIONS: ReadonlySet<string> = new Set(
  ["json", "jsonb"].flatMap((kind) => [
    `${kind}_to_record`,
    `${kind}_to_recordset`,
  ]),
);

/** 42601 where a list of columns is missing or has no place. */
export function checkColumnList(
  name: string,
  { columnTypes, ordinality, position }: FunctionFrom,
): void {
  const isRecord = RECORD_FUNCTIONS.has(name);
  const hasList = columnTypes.length > 0;
  if (hasList && ordinality) throw columnListWithOrdinality(position);
  if (isRecord && !hasList) throw columnListRequired(position);
  if (hasList && !isRecord) throw columnListNotAllowed(position);
}

/** `record`: a json or jsonb object, or NULL for a row of NULLs. */
export function recordColumns(
  scope: Scope,
  record: Expression,
  { columnTypes }: FunctionFrom,
): readonly ScopeColumn[] {
  return columnTypes.map(({ name, type: typeName }) => {
    const type = resolveTypeName(typeName);
    return {
      name: name.name,
      value: memberAs(scope, record, { name: name.name, type }),
    };
  });
}

function memberAs(
  scope: Scope,
  record: Expression,
  { name, type }: { readonly name: string; readonly type: DataType },
): Expression {
  checkType(type);
  const key: Expression = { kind: "literal", type: TEXT, value: name };
  const isJson = type.kind === "json" || type.kind === "jsonb";
  const symbol = isJson ? "->" : "->>";
  const member = applyOperator(
    scope.statement,
    symbol,
    [record, key],
    record.position,
  );
  return cast(member, type);
}

/** What an explicit cast from the member's text does as the type's input function would. */
function checkType(type: DataType): void {
  const cuts =
    (type.kind === "varchar" || type.kind === "bpchar") &&
    type.length !== undefined;
  if (isNested(type) || cuts)
    throw notSupported(
      `type ${typeNameWithModifier(type)} in a column definition list is`,
    );
}
