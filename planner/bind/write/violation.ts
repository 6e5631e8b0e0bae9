// Why a row may not be written: NOT NULL, CHECK, generated columns. One text column that is NULL for a good row and else the error the
// write ends with, `SQLSTATE:message`, with PostgreSQL's words and the row in the detail (kernel errors, server/compute).

import {
  BOOL,
  INT4,
  JSONB,
  TEXT,
  type DataType,
  type StructField,
} from "../../../storage/common/data-type.ts";
import type { SqlError } from "../../../storage/common/errors.ts";
import { DETAIL_MARK, raisedText } from "../../functions/raised-error.ts";
import { canCoerce } from "../../functions/types.ts";
import type { Case, Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import { cast } from "../coerce.ts";
import { callFunction } from "../expression/call-function.ts";
import {
  applyOperator,
  conjunction,
  negation,
} from "../expression/operator.ts";
import { isNullable } from "../nullability.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";

/** A rule and what breaks it. */
export interface Breach {
  /** True for a row that breaks the rule; never NULL. */
  readonly when: Expression;
  readonly error: BreachError;
  /** The row its detail shows in place of the one that is written; none: no detail. */
  readonly shows?: readonly PlanColumn[];
}

type BreachError = Pick<SqlError, "code" | "message"> &
  Partial<Pick<SqlError, "hint" | "object">>;

/** The table whose rows must keep its rules. */
export interface RuledTable {
  readonly schema: string;
  readonly table: string;
}

/**
 * Undefined when no rule can be broken. `row`: what the error shows, nothing when undefined. `applies` is true for the rows that will
 * be written; all, when absent.
 */
export function violationOf(
  statement: StatementContext,
  breaches: readonly Breach[],
  row: readonly PlanColumn[] | undefined,
  applies: Expression | undefined,
): Expression | undefined {
  if (breaches.length === 0) return undefined;
  const found: Case = {
    kind: "case",
    type: TEXT,
    branches: breaches.map(({ when, error, shows = row }) => ({
      when: applies === undefined ? when : conjunction([applies, when]),
      then:
        row === undefined || shows === undefined || shows.length === 0
          ? literal(raisedText(error))
          : joined(statement, [
              literal(`${raisedText(error)}${DETAIL_MARK}`),
              failingRow(statement, shows),
            ]),
    })),
    otherwise: undefined,
  };
  return found;
}

/** NULL where a column, or a field of a struct that is there, is declared NOT NULL. `nullable`: what the declaration says. */
export function nullBreaches(
  relation: RuledTable,
  column: PlanColumn,
  nullable: boolean,
): readonly Breach[] {
  const value = reference(column);
  const own =
    nullable || !isNullable(value)
      ? []
      : [nullBreach(relation, column.name, value, undefined)];
  return [...own, ...fieldBreaches(relation, column.name, value)];
}

function fieldBreaches(
  relation: RuledTable,
  path: string,
  struct: Expression,
): readonly Breach[] {
  if (struct.type.kind !== "struct") return [];
  return struct.type.fields.flatMap((field: StructField) => {
    const value: Expression = {
      kind: "field",
      operand: struct,
      field: field.name,
      type: field.type,
    };
    const name = `${path}.${field.name}`;
    return [
      ...(field.nullable ? [] : [nullBreach(relation, name, value, struct)]),
      ...fieldBreaches(relation, name, value),
    ];
  });
}

function nullBreach(
  relation: RuledTable,
  name: string,
  value: Expression,
  parent: Expression | undefined,
): Breach {
  const missing = isNull(value, false);
  return {
    when:
      parent === undefined
        ? missing
        : conjunction([isNull(parent, true), missing]),
    error: {
      code: "23502",
      message: `null value in column "${name}" of relation "${relation.table}" violates not-null constraint`,
      object: { ...relation, column: name },
    },
  };
}

/** A condition that is false or NULL (checklist W4). */
export function checkBreach(
  relation: RuledTable,
  name: string,
  condition: Expression,
): Breach {
  return {
    when: negation(orFalse(condition)),
    error: {
      code: "23514",
      message: `new row for relation "${relation.table}" violates check constraint "${name}"`,
      object: { ...relation, constraint: name },
    },
  };
}

/** A new row that REPLACE WHERE would not replace: its condition is false or NULL. */
export function outsideBreach(
  relation: RuledTable,
  condition: Expression,
): Breach {
  return {
    when: negation(orFalse(condition)),
    error: {
      code: "44000",
      message: `new row for relation "${relation.table}" does not satisfy the condition of REPLACE WHERE`,
      object: relation,
    },
  };
}

/** A value given for a generated column that is not the one its expression gives. */
export function generatedBreach(
  statement: StatementContext,
  relation: RuledTable,
  column: PlanColumn,
  given: {
    readonly value: Expression;
    /** True for rows that give one; absent: all do. */
    readonly when: Expression | undefined;
  },
): Breach {
  const differs = applyOperator(
    statement,
    "is distinct from",
    [given.value, reference(column)],
    undefined,
  );
  return {
    when:
      given.when === undefined ? differs : conjunction([given.when, differs]),
    error: {
      code: "23514",
      message: `new row for relation "${relation.table}" gives generated column "${column.name}" a value that its expression does not`,
      object: { ...relation, column: column.name },
    },
  };
}

function orFalse(condition: Expression): Expression {
  return {
    kind: "case",
    type: BOOL,
    branches: [
      { when: condition, then: { kind: "literal", type: BOOL, value: "t" } },
    ],
    otherwise: { kind: "literal", type: BOOL, value: "f" },
  };
}

function isNull(operand: Expression, negated: boolean): Expression {
  return { kind: "is-null", type: BOOL, operand, negated };
}

/** `Failing row contains (1, null, …).` */
function failingRow(
  statement: StatementContext,
  row: readonly PlanColumn[],
): Expression {
  const values = row.flatMap((column, index) => [
    ...(index === 0 ? [] : [literal(", ")]),
    shownValue(statement, reference(column)),
  ]);
  return joined(statement, [
    literal("Failing row contains ("),
    ...values,
    literal(")."),
  ]);
}

/** What PostgreSQL shows of a value in an error (ExecBuildSlotValueDescription). */
const SHOWN_CHARACTERS = 64;

function shownValue(
  statement: StatementContext,
  value: Expression,
): Expression {
  const text = asText(value);
  const limit: Expression = {
    kind: "literal",
    type: INT4,
    value: String(SHOWN_CHARACTERS),
  };
  const length = callFunction(statement, "length", [text], undefined);
  const start = callFunction(statement, "left", [text, limit], undefined);
  return {
    kind: "case",
    type: TEXT,
    branches: [
      { when: isNull(value, false), then: literal("null") },
      {
        when: applyOperator(statement, ">", [length, limit], undefined),
        then: joined(statement, [start, literal("...")]),
      },
    ],
    otherwise: text,
  };
}

function asText(value: Expression): Expression {
  if (value.type.kind === "text") return value;
  return isDirect(value.type)
    ? cast(value, TEXT)
    : cast(cast(value, JSONB), TEXT);
}

function isDirect(type: DataType): boolean {
  return canCoerce(type, TEXT, "explicit") && type.kind !== "variant";
}

function joined(
  statement: StatementContext,
  parts: readonly Expression[],
): Expression {
  return parts.reduce((left, right) =>
    applyOperator(statement, "||", [left, right], undefined),
  );
}

function literal(value: string): Expression {
  return { kind: "literal", type: TEXT, value };
}
