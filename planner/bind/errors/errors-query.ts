// Clauses of a query that do not fit together, in PostgreSQL's wording.

import { typeName, type DataType } from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";

/** 42803 `column "t.a" must appear in the GROUP BY clause or be used in an aggregate function`. */
export function ungroupedColumn(name: string, position?: number): SqlError {
  return new SqlError(
    "42803",
    `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
    { position },
  );
}
export function ungroupedOuterColumn(
  name: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42803",
    `subquery uses ungrouped column "${name}" from outer query`,
    { position },
  );
}
/** 42803 `aggregate functions are not allowed in WHERE`. */
export function aggregateNotAllowed(
  where: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42803",
    `aggregate functions are not allowed in ${where}`,
    { position },
  );
}
export function nestedAggregate(position?: number): SqlError {
  return new SqlError("42803", "aggregate function calls cannot be nested", {
    position,
  });
}
export function windowInAggregate(position?: number): SqlError {
  return new SqlError(
    "42803",
    "aggregate function calls cannot contain window function calls",
    { position },
  );
}
export function nestedWindow(position?: number): SqlError {
  return new SqlError("42P20", "window function calls cannot be nested", {
    position,
  });
}
export function windowNotAllowed(where: string, position?: number): SqlError {
  return new SqlError("42P20", `window functions are not allowed in ${where}`, {
    position,
  });
}
/** 42601, in the words of PostgreSQL 17. */
export function mergeActionMisplaced(position: number): SqlError {
  return new SqlError(
    "42601",
    "MERGE_ACTION() can only be used in the RETURNING list of a MERGE command",
    { position },
  );
}
/** 0A000 `set-returning functions are not allowed in WHERE`; inside CASE and COALESCE with a hint. */
export function setReturningNotAllowed(
  clause: string,
  inside: string | undefined,
  position?: number,
): SqlError {
  return new SqlError(
    "0A000",
    `set-returning functions are not allowed in ${inside ?? clause}`,
    {
      position,
      hint:
        inside &&
        "You might be able to move the set-returning function into a LATERAL FROM item.",
    },
  );
}
export function groupingMisplaced(position?: number): SqlError {
  return new SqlError(
    "42803",
    "arguments to GROUPING must be grouping expressions of the associated query level",
    { position },
  );
}
/** 0A000 `DISTINCT is not implemented for window functions`. */
export function notForWindows(
  clause: string,
  functions: string,
  position?: number,
): SqlError {
  return new SqlError(
    "0A000",
    `${clause} is not implemented for ${functions}`,
    { position },
  );
}
export function windowing(message: string, position?: number): SqlError {
  return new SqlError("42P20", message, { position });
}
export function undefinedWindow(name: string, position?: number): SqlError {
  return new SqlError("42704", `window "${name}" does not exist`, { position });
}
export function overRequired(name: string, position?: number): SqlError {
  return new SqlError(
    "42809",
    `window function ${name} requires an OVER clause`,
    { position },
  );
}
/** 42809 `OVER specified, but lower is not a window function nor an aggregate function`, and its relatives. */
export function notAnAggregate(
  clause: string,
  name: string,
  position?: number,
): SqlError {
  const kind =
    clause === "OVER"
      ? "a window function nor an aggregate function"
      : "an aggregate function";
  return new SqlError(
    "42809",
    `${clause} specified, but ${name} is not ${kind}`,
    { position },
  );
}
/** 42809 for `count()`. */
export function starRequired(name: string, position?: number): SqlError {
  return new SqlError(
    "42809",
    `${name}(*) must be used to call a parameterless aggregate function`,
    { position },
  );
}
export function withinGroupRequired(name: string, position?: number): SqlError {
  return new SqlError(
    "42809",
    `WITHIN GROUP is required for ordered-set aggregate ${name}`,
    { position },
  );
}
export function withinGroupMisplaced(
  name: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42809",
    `${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`,
    { position },
  );
}

export function ordinalOutOfRange(
  clause: string,
  ordinal: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42P10",
    `${clause} position ${ordinal} is not in select list`,
    { position },
  );
}
export function nonIntegerConstant(
  clause: string,
  position?: number,
): SqlError {
  return new SqlError("42601", `non-integer constant in ${clause}`, {
    position,
  });
}
/** 42702 `ORDER BY "x" is ambiguous`. */
export function ambiguousOutputName(
  clause: string,
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42702", `${clause} "${name}" is ambiguous`, {
    position,
  });
}
export function distinctOrder(position?: number): SqlError {
  return new SqlError(
    "42P10",
    "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
    { position },
  );
}
export function distinctOnOrder(position?: number): SqlError {
  return new SqlError(
    "42P10",
    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
    { position },
  );
}
export function setOperationOrder(position?: number): SqlError {
  return new SqlError(
    "0A000",
    "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
    {
      position,
      detail:
        "Only result column names can be used, not expressions or functions.",
      hint: "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
    },
  );
}
export function setOperationWidth(
  operator: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42601",
    `each ${operator} query must have the same number of columns`,
    { position },
  );
}
export function valuesWidth(position?: number): SqlError {
  return new SqlError("42601", "VALUES lists must all be the same length", {
    position,
  });
}
/** 42P10 `argument of LIMIT must not contain variables`. */
export function variableInLimit(clause: string, position?: number): SqlError {
  return new SqlError(
    "42P10",
    `argument of ${clause} must not contain variables`,
    { position },
  );
}
export function tiesWithoutOrder(position?: number): SqlError {
  return new SqlError(
    "42601",
    "WITH TIES cannot be specified without ORDER BY clause",
    { position },
  );
}
export function noEqualityFor(type: DataType, position?: number): SqlError {
  return new SqlError(
    "42883",
    `could not identify an equality operator for type ${typeName(type)}`,
    { position },
  );
}
export function noOrderingFor(type: DataType, position?: number): SqlError {
  return new SqlError(
    "42883",
    `could not identify an ordering operator for type ${typeName(type)}`,
    {
      position,
      hint: "Use an explicit ordering operator or modify the query.",
    },
  );
}

export function subqueryWidth(
  kind: "one" | "few" | "many",
  position?: number,
): SqlError {
  const message = {
    one: "subquery must return only one column",
    few: "subquery has too few columns",
    many: "subquery has too many columns",
  }[kind];
  return new SqlError("42601", message, { position });
}
export function duplicateCommonTable(
  name: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42712",
    `WITH query name "${name}" specified more than once`,
    { position },
  );
}
export function invalidRecursion(message: string, position?: number): SqlError {
  return new SqlError("42P19", message, { position });
}
/** 42804 `recursive query "t" column 1 has type integer in non-recursive term but type bigint overall`. */
export function recursiveType(
  name: string,
  column: number,
  types: { readonly base: DataType; readonly overall: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `recursive query "${name}" column ${column} has type ${typeName(types.base)} in non-recursive term but type ${typeName(types.overall)} overall`,
    {
      position,
      hint: "Cast the output of the non-recursive term to the correct type.",
    },
  );
}

/** A function of records in a select list, where nothing lists its columns. */
export function undeterminedRecord(name: string, position: number): SqlError {
  return new SqlError(
    "0A000",
    `could not determine row type for result of ${name}`,
    {
      position,
      hint: "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.",
    },
  );
}

export function columnListRequired(position: number): SqlError {
  return new SqlError(
    "42601",
    'a column definition list is required for functions returning "record"',
    { position },
  );
}

export function columnListNotAllowed(position: number): SqlError {
  return new SqlError(
    "42601",
    'a column definition list is only allowed for functions returning "record"',
    { position },
  );
}

export function columnListWithOrdinality(position: number): SqlError {
  return new SqlError(
    "42601",
    "WITH ORDINALITY cannot be used with a column definition list",
    {
      position,
      hint: "Put the column definition list inside ROWS FROM().",
    },
  );
}
