// Every way that resolving and binding fail, in PostgreSQL's wording. Names appear as the user typed them.

import type { DataType } from "../../storage/common/data-type.ts";
import { typeName } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";

// ---------------------------------------------------------------- objects

/** 42P01 `relation "s.t" does not exist`. */
export function undefinedRelation(name: string, position?: number): SqlError {
  return new SqlError("42P01", `relation "${name}" does not exist`, {
    position,
  });
}
/** 3F000 `schema "s" does not exist`. */
export function undefinedSchema(name: string, position?: number): SqlError {
  return new SqlError("3F000", `schema "${name}" does not exist`, { position });
}
/** 3D000 `database "c" does not exist`: a catalog is a PostgreSQL database. */
export function undefinedCatalog(name: string, position?: number): SqlError {
  return new SqlError("3D000", `database "${name}" does not exist`, {
    position,
  });
}
/** 42601 `improper qualified name (too many dotted names): a.b.c.d`. */
export function tooManyNameParts(name: string, position?: number): SqlError {
  return new SqlError(
    "42601",
    `improper qualified name (too many dotted names): ${name}`,
    { position },
  );
}
/** 3F000 `no schema has been selected to create in`. */
export function noSchemaSelected(position?: number): SqlError {
  return new SqlError("3F000", "no schema has been selected to create in", {
    position,
  });
}
/** 42P01 for a stored view whose text names what is gone; says nothing of what it named. */
export function brokenView(name: string, position?: number): SqlError {
  return new SqlError(
    "42P01",
    `view "${name}" refers to an object that does not exist`,
    { position },
  );
}
/** 42P17 `infinite recursion detected in rules for relation "v"`. */
export function viewCycle(name: string, position?: number): SqlError {
  return new SqlError(
    "42P17",
    `infinite recursion detected in rules for relation "${name}"`,
    { position },
  );
}
/** 42809 `"v" is not a table`, `"t" is not a view`. */
export function wrongObjectType(
  name: string,
  expected: string,
  position?: number,
): SqlError {
  return new SqlError("42809", `"${name}" is not a ${expected}`, { position });
}

// ---------------------------------------------------------------- columns and range table

export interface ColumnHelp {
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
}
/** 42703 `column "x" does not exist`, or `column t.x does not exist` when it was qualified. */
export function undefinedColumn(
  name: string,
  qualifier: string | undefined,
  position?: number,
  help: ColumnHelp = {},
): SqlError {
  const shown = qualifier === undefined ? `"${name}"` : `${qualifier}.${name}`;
  return new SqlError("42703", `column ${shown} does not exist`, {
    position,
    ...help,
  });
}
/** 42703 `column "x" of relation "t" does not exist`: the targets of INSERT. */
export function undefinedTargetColumn(
  name: string,
  relation: string,
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" of relation "${relation}" does not exist`,
    { position },
  );
}
/** 42703 `column "x" not found in data type jsonb`: a field that the struct lacks. */
export function undefinedField(
  name: string,
  type: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" not found in data type ${type.kind === "struct" ? "struct" : typeName(type)}`,
    { position },
  );
}
/** 42809 `column notation .f applied to type integer, which is not a composite type`. */
export function notComposite(
  name: string,
  type: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42809",
    `column notation .${name} applied to type ${typeName(type)}, which is not a composite type`,
    { position },
  );
}
export function ambiguousColumn(name: string, position?: number): SqlError {
  return new SqlError("42702", `column reference "${name}" is ambiguous`, {
    position,
  });
}
export function ambiguousTable(name: string, position?: number): SqlError {
  return new SqlError("42P09", `table reference "${name}" is ambiguous`, {
    position,
  });
}
/** 42P01 `missing FROM-clause entry for table "t"`. */
export function missingFromEntry(name: string, position?: number): SqlError {
  return new SqlError(
    "42P01",
    `missing FROM-clause entry for table "${name}"`,
    {
      position,
    },
  );
}
/** 42P01 for a table of the FROM list that this place cannot see. */
export function invalidFromReference(
  name: string,
  position: number | undefined,
  lateral: boolean,
): SqlError {
  return new SqlError(
    "42P01",
    `invalid reference to FROM-clause entry for table "${name}"`,
    {
      position,
      detail: `There is an entry for table "${name}", but it cannot be referenced from this part of the query.`,
      ...(lateral
        ? {
            hint: "To reference that table, you must mark this subquery with LATERAL.",
          }
        : {}),
    },
  );
}
export function duplicateAlias(name: string, position?: number): SqlError {
  return new SqlError(
    "42712",
    `table name "${name}" specified more than once`,
    { position },
  );
}
export function tooManyColumnAliases(
  relation: string,
  counts: { readonly available: number; readonly specified: number },
  position?: number,
): SqlError {
  return new SqlError(
    "42P10",
    `table "${relation}" has ${counts.available} columns available but ${counts.specified} columns specified`,
    { position },
  );
}
export function missingUsingColumn(
  name: string,
  side: "left" | "right",
  position?: number,
): SqlError {
  return new SqlError(
    "42703",
    `column "${name}" specified in USING clause does not exist in ${side} table`,
    { position },
  );
}
export function ambiguousUsingColumn(
  name: string,
  side: "left" | "right",
  position?: number,
): SqlError {
  return new SqlError(
    "42702",
    `common column name "${name}" appears more than once in ${side} table`,
    { position },
  );
}
export function repeatedUsingColumn(name: string, position?: number): SqlError {
  return new SqlError(
    "42701",
    `column name "${name}" appears more than once in USING clause`,
    { position },
  );
}
/** 42601: `SELECT *` without FROM. */
export function starWithoutTables(position?: number): SqlError {
  return new SqlError(
    "42601",
    "SELECT * with no tables specified is not valid",
    { position },
  );
}

// ---------------------------------------------------------------- grouping, aggregates, windows

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
export function setReturningNotAllowed(
  where: string,
  position?: number,
): SqlError {
  return new SqlError(
    "0A000",
    `set-returning functions are not allowed in ${where}`,
    { position },
  );
}
export function groupingMisplaced(position?: number): SqlError {
  return new SqlError(
    "42803",
    "arguments to GROUPING must be grouping expressions of the associated query level",
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
export function starArgument(name: string, position?: number): SqlError {
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

// ---------------------------------------------------------------- ordering, distinct, limits, sets

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

// ---------------------------------------------------------------- subqueries and common tables

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

// ---------------------------------------------------------------- types and values

/** 42804 `argument of WHERE must be type boolean, not type integer`. */
export function wrongArgumentType(
  clause: string,
  types: { readonly expected: string; readonly actual: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `argument of ${clause} must be type ${types.expected}, not type ${typeName(types.actual)}`,
    { position },
  );
}
export function returnsSet(clause: string, position?: number): SqlError {
  return new SqlError("42804", `argument of ${clause} must not return a set`, {
    position,
  });
}
export function assignmentMismatch(
  column: string,
  types: { readonly target: DataType; readonly actual: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `column "${column}" is of type ${typeName(types.target)} but expression is of type ${typeName(types.actual)}`,
    {
      position,
      hint: "You will need to rewrite or cast the expression.",
    },
  );
}
export function cannotSubscript(type: DataType, position?: number): SqlError {
  return new SqlError(
    "42804",
    `cannot subscript type ${typeName(type)} because it does not support subscripting`,
    { position },
  );
}
export function undefinedParameter(index: number, position?: number): SqlError {
  return new SqlError("42P02", `there is no parameter $${index}`, { position });
}
export function indeterminateParameter(
  index: number,
  position?: number,
): SqlError {
  return new SqlError(
    "42P18",
    `could not determine data type of parameter $${index}`,
    { position },
  );
}
export function inconsistentParameter(
  index: number,
  types: { readonly first: DataType; readonly second: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42P08",
    `inconsistent types deduced for parameter $${index}`,
    {
      position,
      detail: `${typeName(types.first)} versus ${typeName(types.second)}`,
    },
  );
}
/** 22P02 `invalid input syntax for type integer: "abc"`; 22007 for dates and times. */
export function invalidInput(
  type: DataType,
  text: string,
  position?: number,
): SqlError {
  const dateTime = [
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
  ].includes(type.kind);
  const name = type.kind === "timestamp" ? "timestamp" : typeName(type);
  return new SqlError(
    dateTime ? "22007" : "22P02",
    `invalid input syntax for type ${name}: "${text}"`,
    { position },
  );
}
/** 22003 `value "99999999999" is out of range for type integer`. */
export function valueOutOfRange(
  type: DataType,
  text: string,
  position?: number,
): SqlError {
  return new SqlError(
    "22003",
    `${type.kind.startsWith("float") ? "" : "value "}"${text}" is out of range for type ${typeName(type)}`,
    { position },
  );
}
/** 22008 `date/time field value out of range: "2021-13-01"`. */
export function fieldOutOfRange(text: string, position?: number): SqlError {
  return new SqlError(
    "22008",
    `date/time field value out of range: "${text}"`,
    { position },
  );
}

// ---------------------------------------------------------------- writes

export function insertTooMany(
  what: "expressions" | "target columns",
  position?: number,
): SqlError {
  return new SqlError(
    "42601",
    what === "expressions"
      ? "INSERT has more expressions than target columns"
      : "INSERT has more target columns than expressions",
    { position },
  );
}
export function columnSpecifiedTwice(
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42701", `column "${name}" specified more than once`, {
    position,
  });
}
export function tooManyColumnNames(
  statement: "CREATE VIEW" | "CREATE TABLE AS",
  position?: number,
): SqlError {
  return new SqlError(
    "42601",
    statement === "CREATE VIEW"
      ? "CREATE VIEW specifies more column names than columns"
      : "too many column names were specified",
    { position },
  );
}
export function duplicateRelation(name: string, position?: number): SqlError {
  return new SqlError("42P07", `relation "${name}" already exists`, {
    position,
  });
}
