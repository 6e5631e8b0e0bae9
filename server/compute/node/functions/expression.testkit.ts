// Runs one SQL expression through the function table, the emitter and a real kernel, and gives PostgreSQL's text of the result.
// A binder small enough to read: constants, casts, calls, operators, columns of one table of sample rows.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emitCast } from "../../../../planner/functions/cast.ts";
import {
  cannotCast,
  typesCannotBeMatched,
  undefinedFunction,
  undefinedOperator,
  ambiguousFunction,
  ambiguousOperator,
} from "../../../../planner/functions/errors.ts";
import type {
  EmitSettings,
  Emitted,
} from "../../../../planner/functions/function.ts";
import {
  quantified,
  resolveFunction,
  resolveOperator,
} from "../../../../planner/functions/registry.ts";
import type { Resolution } from "../../../../planner/functions/overload.ts";
import { formatInterval } from "../../../../planner/functions/value/date-time-text.ts";
import { readInterval } from "../../../../planner/functions/value/interval-input.ts";
import { resolveTypeName } from "../../../../planner/functions/type-name.ts";
import { canCoerce, commonType } from "../../../../planner/functions/types.ts";
import type { Expression } from "../../../../planner/logical/expression.ts";
import { loadGrammar, parseTree } from "../../../../planner/parse/grammar.ts";
import type * as Tree from "../../../../planner/parse/grammar.ts";
import {
  emitColumn,
  emitExpression,
  emitRow,
  type EmitScope,
} from "../../../../planner/physical/duckdb-expression.ts";
import { sortable } from "../../../../planner/physical/duckdb-keys.ts";
import {
  BOOL,
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  UNKNOWN,
  arrayOf,
  type DataType,
} from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { columnId } from "../../../../storage/common/ids.ts";
import type { DuckDBConnection } from "../../../../storage/kernel/duckdb.ts";
import { Kernel } from "../../../../storage/kernel/kernel.ts";
import { needsWideDecimals, translateKernelError } from "./errors.ts";
import { kernelFunctions } from "./kernel-functions.ts";

export const SETTINGS: EmitSettings = {
  timeZone: "UTC",
  dateStyle: "ISO, MDY",
  intervalStyle: "postgres",
  byteaOutput: "hex",
  extraFloatDigits: 1,
};

/** Name, type and the texts of each row. PostgreSQL's twin is made of the same lines by the recorder of golden files. */
export const SAMPLE: readonly (readonly [
  string,
  string,
  readonly (string | null)[],
])[] = [
  ["id", "int4", ["1", "2", "3", "4", "5"]],
  ["i2", "int2", ["0", "7", "-32768", "32767", null]],
  ["i4", "int4", ["0", "7", "-2147483648", "2147483647", null]],
  [
    "i8",
    "int8",
    ["0", "7", "-9223372036854775808", "9223372036854775807", null],
  ],
  ["f4", "float4", ["0", "1.5", "-2.25", "NaN", null]],
  ["f8", "float8", ["0", "2.5", "-1e300", "Infinity", null]],
  ["n", "numeric(12,3)", ["0.000", "1.500", "-2.250", "999999999.999", null]],
  ["m", "numeric(15,2)", ["0.01", "1.05", "-2.50", "100.00", null]],
  ["s", "text", ["", "Hello", "wörld ñ", "a_b%c\\d", null]],
  ["p", "text", ["%", "H_l%", "w.r", "a\\_b%", null]],
  ["c", "char(5)", ["ab", "abc  ", "x", "", null]],
  ["b", "bool", ["t", "f", "t", "f", null]],
  [
    "d",
    "date",
    ["2020-01-31", "1999-12-31", "2024-02-29", "0044-03-15 BC", null],
  ],
  [
    "ts",
    "timestamp",
    [
      "2020-01-31 12:34:56.789",
      "1969-12-31 23:59:59.999999",
      "2024-02-29 00:00:00",
      "infinity",
      null,
    ],
  ],
  [
    "tz",
    "timestamptz",
    [
      "2020-01-31 12:34:56.789+00",
      "1969-12-31 23:59:59.999999+00",
      "2024-07-01 00:00:00+00",
      "infinity",
      null,
    ],
  ],
  [
    "iv",
    "interval",
    ["1 day", "-1 mon +2 days 03:04:05.6", "1 year 2 mons", "00:00:00", null],
  ],
  [
    "t",
    "time",
    ["12:34:56.789", "00:00:00", "23:59:59.999999", "24:00:00", null],
  ],
  ["y", "bytea", ["\\x", "\\x00ff41", "\\x6162", "\\x5c", null]],
  [
    "u",
    "uuid",
    [
      "00000000-0000-0000-0000-000000000000",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
      null,
    ],
  ],
  [
    "j",
    "jsonb",
    [
      '{"a": 1, "b": [1, 2, {"c": null}]}',
      '[1, 2.50, "x"]',
      '"str"',
      "null",
      null,
    ],
  ],
  ["ai", "int4[]", ["{}", "{1,2,3}", "{3,NULL}", "{NULL}", null]],
  ["at", "text[]", ["{}", "{a,b,c}", '{"x y",NULL}', "{NULL}", null]],
];

export interface Bench extends AsyncDisposable {
  /** One text a row, NULL as null; SqlErrors as PostgreSQL raises them. */
  readonly run: (
    sql: string,
    settings?: Partial<EmitSettings>,
  ) => Promise<readonly (string | null)[]>;
  /** The kernel SQL an expression becomes, as text. */
  readonly emit: (sql: string) => string;
  /** The same without the cast to text: table functions give lists. */
  readonly emitRaw: (sql: string) => string;
  readonly connection: DuckDBConnection;
}

export async function openBench(): Promise<Bench> {
  await loadGrammar();
  const kernel = await Kernel.open({
    threads: 1,
    memoryBytes: 1_000_000_000,
    tempDir: mkdtempSync(join(tmpdir(), "sluice-functions-")),
    tempBytes: 100_000_000,
    allowedDirs: [],
    functions: kernelFunctions(),
  });
  const connection = await kernel.connect();
  await connection.run(`CREATE TEMP TABLE sample AS ${sampleSql()}`);
  return {
    connection,
    emit: (sql) => compile(sql, SETTINGS).sql,
    emitRaw: (sql) => compile(sql, SETTINGS).raw,
    run: (sql, settings = {}) =>
      evaluate(connection, sql, { ...SETTINGS, ...settings }),
    [Symbol.asyncDispose]: () => {
      connection.closeSync();
      return kernel[Symbol.asyncDispose]();
    },
  };
}

function typeByName(name: string): DataType {
  const type = bind(`NULL::${name}`).type;
  return type;
}

function sampleSql(): string {
  const rows = SAMPLE[0]?.[2].map((_, row) =>
    SAMPLE.map(([name, type, values]) => {
      const declared = typeByName(type);
      const text: Emitted = {
        sql: literalText(values[row] ?? null),
        type: TEXT,
        representation: { kind: "native" },
      };
      const value = emitCast(text, declared, SETTINGS);
      return `${value.representation.kind === "decimal" || values[row] !== null ? value.sql : emitCast({ ...text, sql: "NULL" }, declared, SETTINGS).sql} AS "${name}"`;
    }).join(", "),
  );
  return (rows ?? []).map((row) => `SELECT ${row}`).join(" UNION ALL ");
}

function literalText(value: string | null): string {
  return value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`;
}

async function evaluate(
  connection: DuckDBConnection,
  sql: string,
  settings: EmitSettings,
): Promise<readonly (string | null)[]> {
  const compiled = compile(sql, settings);
  const from = compiled.columns
    ? ` FROM sample${compiled.aggregate ? "" : " ORDER BY id"}`
    : "";
  try {
    const reader = await connection.runAndReadAll(
      `SELECT ${compiled.sql} AS result${from}`,
    );
    return reader
      .getRows()
      .map(([value]) =>
        value === null || value === undefined ? null : String(value),
      );
  } catch (error) {
    if (error instanceof SqlError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (needsWideDecimals(message) && settings.wideDecimals !== true) {
      return evaluate(connection, sql, { ...settings, wideDecimals: true });
    }
    throw translateKernelError(message);
  }
}

interface Compiled {
  readonly sql: string;
  readonly raw: string;
  readonly columns: boolean;
  readonly aggregate: boolean;
}

function compile(sql: string, settings: EmitSettings): Compiled {
  const used = { columns: false };
  const aggregates: { readonly emitted: Emitted }[] = [];
  const scope: EmitScope = {
    column: (id) => {
      const index = Number(id);
      if (index >= 1000)
        return aggregates[index - 1000]?.emitted ?? emitColumn("none", TEXT);
      used.columns = true;
      const [name = "", type = "text"] = SAMPLE[index] ?? [];
      return emitColumn(name, typeByName(type));
    },
    subqueries: [],
    lazy: false,
    subquery: () => {
      throw new SqlError("0A000", "subqueries");
    },
  };
  const binder = new Binder((call) => {
    const args = call.args.map((arg) => emitExpression(arg, scope, settings));
    const order = call.orderBy
      .map(
        ({ value, descending }) =>
          `${sortable(emitExpression(value, scope, settings))} ${descending ? "DESC NULLS FIRST" : "ASC NULLS LAST"}`,
      )
      .join(", ");
    const filter =
      call.filter === undefined
        ? ""
        : ` FILTER (WHERE ${emitExpression(call.filter, scope, settings).sql})`;
    const emitted = emitRow(call.id, {
      args,
      type: call.type,
      settings,
      clauses: {
        distinct: call.distinct,
        inside: order === "" || call.ordered ? "" : ` ORDER BY ${order}`,
        after: filter + (call.over ? " OVER (ORDER BY id)" : ""),
        withinGroup: call.ordered
          ? call.orderBy.map(({ descending }) => ({
              descending,
              nullsFirst: descending,
            }))
          : [],
      },
    });
    aggregates.push({ emitted });
    return 1000 + aggregates.length - 1;
  });
  const expression = binder.bind(parseExpression(sql));
  const raw = emitExpression(binder.known(expression), scope, settings);
  const text = castable(raw) ? emitCast(raw, TEXT, settings) : raw;
  return {
    sql: text.sql,
    raw: raw.sql,
    columns: used.columns || aggregates.length > 0,
    aggregate: aggregates.length > 0 && !text.sql.includes(" OVER ("),
  };
}

function castable(value: Emitted): boolean {
  return value.type.kind !== "record" && value.type.kind !== "struct";
}

function bind(sql: string): Expression {
  return new Binder(() => 0).bind(parseExpression(sql));
}

function parseExpression(sql: string): Tree.Node {
  const result = parseTree(`SELECT ${sql}`);
  if (result.kind === "failure") throw new SqlError("42601", result.message);
  const [statement] = result.nodes;
  const target =
    statement !== undefined && "SelectStmt" in statement
      ? statement.SelectStmt.targetList?.[0]
      : undefined;
  const value =
    target !== undefined && "ResTarget" in target
      ? target.ResTarget.val
      : undefined;
  if (value === undefined) throw new SqlError("42601", "no expression");
  return value;
}

interface AggregateUse {
  readonly id: string;
  readonly args: readonly Expression[];
  readonly type: DataType;
  readonly distinct: boolean;
  readonly ordered: boolean;
  readonly over: boolean;
  readonly filter: Expression | undefined;
  readonly orderBy: readonly {
    readonly value: Expression;
    readonly descending: boolean;
  }[];
}

class Binder {
  readonly #aggregate: (use: AggregateUse) => number;

  constructor(aggregate: (use: AggregateUse) => number) {
    this.#aggregate = aggregate;
  }

  bind(node: Tree.Node): Expression {
    const bound = this.#bindOperator(node) ?? this.#bindForm(node);
    if (bound !== undefined) return bound;
    throw new SqlError("0A000", `test binder: ${Object.keys(node).join()}`);
  }

  #bindOperator(node: Tree.Node): Expression | undefined {
    if ("A_Const" in node) return constant(node.A_Const);
    if ("ColumnRef" in node) return column(node.ColumnRef);
    if ("TypeCast" in node) return this.#typeCast(node.TypeCast);
    if ("A_Expr" in node) return this.#operator(node.A_Expr);
    if ("FuncCall" in node) return this.#call(node.FuncCall);
    if ("BoolExpr" in node) return this.#logic(node.BoolExpr);
    if ("BooleanTest" in node) return this.#booleanTest(node.BooleanTest);
    if (!("NullTest" in node)) return undefined;
    return {
      kind: "is-null",
      type: BOOL,
      operand: this.known(this.bind(need(node.NullTest.arg))),
      negated: node.NullTest.nulltesttype === "IS_NOT_NULL",
    };
  }

  #bindForm(node: Tree.Node): Expression | undefined {
    if ("CaseExpr" in node) return this.#case(node.CaseExpr);
    if ("A_Indirection" in node) return this.#subscript(node.A_Indirection);
    if ("A_ArrayExpr" in node) {
      return this.#array(node.A_ArrayExpr.elements ?? []);
    }
    if ("CoalesceExpr" in node) {
      return this.#named("coalesce", node.CoalesceExpr.args ?? []);
    }
    if ("RowExpr" in node) return this.#named("row", node.RowExpr.args ?? []);
    if ("MinMaxExpr" in node) {
      const { op, args } = node.MinMaxExpr;
      return this.#named(op === "IS_LEAST" ? "least" : "greatest", args ?? []);
    }
    if (!("SQLValueFunction" in node)) return undefined;
    const name = (node.SQLValueFunction.op ?? "")
      .replace(/^SVFOP_/, "")
      .replace(/_N$/, "")
      .toLowerCase();
    return this.#apply(resolveFunction(name, []), name, [], false);
  }

  #booleanTest(test: Tree.BooleanTest): Expression {
    const operand = this.bind(need(test.arg));
    const name = test.booltesttype ?? "";
    if (name.includes("UNKNOWN")) {
      const negated = name === "IS_NOT_UNKNOWN";
      return { kind: "is-null", type: BOOL, operand, negated };
    }
    const symbol = name.toLowerCase().replaceAll("_", " ");
    return this.#apply(
      resolveOperator(symbol, [BOOL]),
      symbol,
      [operand],
      false,
    );
  }

  known(value: Expression): Expression {
    return value.type.kind === "unknown" ? coerce(value, TEXT) : value;
  }

  #typeCast(cast: Tree.TypeCast): Expression {
    const operand = this.bind(need(cast.arg));
    const type = typeOf(cast.typeName);
    if (
      type.kind === "interval" &&
      operand.kind === "literal" &&
      operand.value !== null
    ) {
      const mask = modifiersOf(cast.typeName)[0] ?? 0;
      return {
        kind: "literal",
        type,
        value: formatInterval(
          readInterval(operand.value, FIELD_WORDS[mask] ?? ""),
          "postgres",
        ),
      };
    }
    if (!canCoerce(operand.type, type, "explicit"))
      throw cannotCast(operand.type, type);
    return operand.type.kind === "array" ||
      JSON.stringify(operand.type) !== JSON.stringify(type)
      ? { kind: "cast", operand, type, attempt: false }
      : operand;
  }

  #operator(expr: Tree.A_Expr): Expression {
    const symbol = names(expr.name).at(-1) ?? "";
    const left = expr.lexpr;
    const right = need(expr.rexpr);
    switch (expr.kind) {
      case "AEXPR_DISTINCT":
      case "AEXPR_NOT_DISTINCT":
        return this.#binary(
          expr.kind === "AEXPR_DISTINCT"
            ? "is distinct from"
            : "is not distinct from",
          left,
          right,
        );
      case "AEXPR_BETWEEN": {
        const [low, high] = "List" in right ? (right.List.items ?? []) : [];
        return {
          kind: "and",
          type: BOOL,
          operands: [
            this.#binary(">=", left, need(low)),
            this.#binary("<=", left, need(high)),
          ],
        };
      }
      case "AEXPR_NULLIF":
        return this.#named("nullif", [need(left), right]);
      case "AEXPR_IN":
        return this.#in(need(left), right, symbol === "<>");
      case "AEXPR_OP_ANY":
      case "AEXPR_OP_ALL":
        return this.#quantified(
          symbol,
          expr.kind === "AEXPR_OP_ANY" ? "any" : "all",
          [need(left), right],
        );
      default:
        return this.#binary(symbol, left, right);
    }
  }

  #binary(
    symbol: string,
    left: Tree.Node | undefined,
    right: Tree.Node,
  ): Expression {
    const args = [...(left === undefined ? [] : [left]), right].map((node) =>
      this.bind(node),
    );
    return this.#apply(
      resolveOperator(
        symbol,
        args.map((arg) => arg.type),
      ),
      symbol,
      args,
      true,
    );
  }

  #in(left: Tree.Node, right: Tree.Node, negated: boolean): Expression {
    const items = "List" in right ? (right.List.items ?? []) : [];
    const all = [left, ...items].map((node) => this.bind(node));
    const type = common("IN", all);
    const [operand, ...rest] = all.map((value) => coerce(value, type));
    return {
      kind: "in-list",
      type: BOOL,
      operand: needed(operand),
      items: rest,
      negated,
    };
  }

  #quantified(
    symbol: string,
    quantifier: "any" | "all",
    sides: readonly [Tree.Node, Tree.Node],
  ): Expression {
    const [left, array] = [this.bind(sides[0]), this.bind(sides[1])];
    const typed =
      array.type.kind === "array"
        ? array
        : coerce(
            array,
            arrayOf(left.type.kind === "unknown" ? TEXT : left.type),
          );
    const element = typed.type.kind === "array" ? typed.type.element : TEXT;
    const resolution = resolveOperator(symbol, [left.type, element]);
    if (resolution.kind !== "match")
      throw undefinedOperator(symbol, left.type, element);
    const row = quantified(quantifier, resolution.row);
    const [leftType = TEXT, rightType = TEXT] = resolution.argTypes;
    return {
      kind: "call",
      function: row.id,
      type: BOOL,
      args: [coerce(left, leftType), coerce(typed, arrayOf(rightType))],
    };
  }

  #call(call: Tree.FuncCall): Expression {
    const name = names(call.funcname).at(-1) ?? "";
    const ordered = call.agg_within_group === true;
    const order = (call.agg_order ?? []).map((item) => {
      const sort = "SortBy" in item ? item.SortBy : undefined;
      return {
        value: this.known(this.bind(need(sort?.node))),
        descending: sort?.sortby_dir === "SORTBY_DESC",
      };
    });
    const given = (call.args ?? []).map((arg) =>
      this.bind("NamedArgExpr" in arg ? need(arg.NamedArgExpr.arg) : arg),
    );
    const args = ordered ? [...given, ...order.map((key) => key.value)] : given;
    const types = args.map((arg) => arg.type);
    const resolution = resolveFunction(name, types);
    if (resolution.kind === "none") throw undefinedFunction(name, types);
    if (resolution.kind === "ambiguous") throw ambiguousFunction(name, types);
    const bound = args.map((arg, i) =>
      coerce(arg, resolution.argTypes[i] ?? TEXT),
    );
    const { row, returns } = resolution;
    if (
      row.kind === "scalar" ||
      row.kind === "operator" ||
      row.kind === "table"
    ) {
      return { kind: "call", function: row.id, type: returns, args: bound };
    }
    const id = this.#aggregate({
      id: row.id,
      args: bound,
      type: returns,
      distinct: call.agg_distinct === true,
      ordered,
      over: call.over !== undefined,
      filter:
        call.agg_filter === undefined ? undefined : this.bind(call.agg_filter),
      orderBy: order,
    });
    return {
      kind: "column",
      column: columnId(id),
      name,
      type: returns,
      nullable: true,
    };
  }

  #named(name: string, nodes: readonly Tree.Node[]): Expression {
    const args = nodes.map((node) => this.bind(node));
    if (name !== "nullif" && name !== "row") common(name.toUpperCase(), args);
    return this.#apply(
      resolveFunction(
        name,
        args.map((arg) => arg.type),
      ),
      name,
      args,
      false,
    );
  }

  #apply(
    resolution: Resolution,
    name: string,
    args: readonly Expression[],
    isOperator: boolean,
  ): Expression {
    const types = args.map((arg) => arg.type);
    const [left, right] = types;
    if (resolution.kind === "none") {
      throw isOperator
        ? undefinedOperator(
            name,
            right === undefined ? undefined : left,
            right ?? left ?? TEXT,
          )
        : undefinedFunction(name, types);
    }
    if (resolution.kind === "ambiguous") {
      throw isOperator
        ? ambiguousOperator(
            name,
            right === undefined ? undefined : left,
            right ?? left ?? TEXT,
          )
        : ambiguousFunction(name, types);
    }
    return {
      kind: "call",
      function: resolution.row.id,
      type: resolution.returns,
      args: args.map((arg, i) => coerce(arg, resolution.argTypes[i] ?? TEXT)),
    };
  }

  #logic(expr: Tree.BoolExpr): Expression {
    const operands = (expr.args ?? []).map((arg) =>
      coerce(this.bind(arg), BOOL),
    );
    if (expr.boolop === "NOT_EXPR")
      return { kind: "not", type: BOOL, operand: needed(operands[0]) };
    return {
      kind: expr.boolop === "AND_EXPR" ? "and" : "or",
      type: BOOL,
      operands,
    };
  }

  #case(expr: Tree.CaseExpr): Expression {
    const branches = (expr.args ?? []).map((node) => {
      const when = "CaseWhen" in node ? node.CaseWhen : {};
      const test =
        expr.arg === undefined
          ? this.bind(need(when.expr))
          : this.#binary("=", expr.arg, need(when.expr));
      return { when: test, then: this.bind(need(when.result)) };
    });
    const otherwise =
      expr.defresult === undefined ? undefined : this.bind(expr.defresult);
    const type = common("CASE", [
      ...branches.map((branch) => branch.then),
      ...(otherwise === undefined ? [] : [otherwise]),
    ]);
    return {
      kind: "case",
      type,
      branches: branches.map((branch) => ({
        when: branch.when,
        then: coerce(branch.then, type),
      })),
      otherwise: otherwise === undefined ? undefined : coerce(otherwise, type),
    };
  }

  #array(nodes: readonly Tree.Node[]): Expression {
    const items = nodes.map((node) => this.bind(node));
    const type = common("ARRAY", items);
    return {
      kind: "call",
      function: "array(anyelement)",
      type: arrayOf(type),
      args: items.map((item) => coerce(item, type)),
    };
  }

  #subscript(indirection: Tree.A_Indirection): Expression {
    const [step] = indirection.indirection ?? [];
    if (step === undefined || !("A_Indices" in step))
      throw new SqlError("0A000", "test binder: indirection");
    const array = this.bind(need(indirection.arg));
    const { lidx, uidx, is_slice: slice } = step.A_Indices;
    const bounds = slice === true ? [lidx, uidx] : [uidx];
    const args = [
      array,
      ...bounds.map((bound): Expression =>
        bound === undefined
          ? { kind: "literal", type: INT4, value: null }
          : this.bind(bound),
      ),
    ];
    const name =
      slice !== true
        ? "array_subscript"
        : lidx === undefined
          ? "array_slice_to"
          : uidx === undefined
            ? "array_slice_from"
            : "array_slice";
    const given = args.filter((_, i) => i === 0 || bounds[i - 1] !== undefined);
    return this.#apply(
      resolveFunction(
        name,
        given.map((arg) => arg.type),
      ),
      name,
      given,
      false,
    );
  }
}

function common(construct: string, values: readonly Expression[]): DataType {
  const found = commonType(values.map((value) => value.type));
  if (found.kind === "mismatch") throw typesCannotBeMatched(construct, found);
  return found.type;
}

function coerce(value: Expression, type: DataType): Expression {
  if (JSON.stringify(value.type) === JSON.stringify(type)) return value;
  if (value.kind === "literal" && value.value === null)
    return { kind: "literal", type, value: null };
  return { kind: "cast", operand: value, type, attempt: false };
}

function constant(value: Tree.A_Const): Expression {
  if (value.isnull === true)
    return { kind: "literal", type: UNKNOWN, value: null };
  if (value.sval !== undefined)
    return { kind: "literal", type: UNKNOWN, value: value.sval.sval ?? "" };
  if (value.boolval !== undefined)
    return {
      kind: "literal",
      type: BOOL,
      value: value.boolval.boolval === true ? "t" : "f",
    };
  if (value.fval !== undefined) return bigConstant(value.fval.fval ?? "0");
  return { kind: "literal", type: INT4, value: String(value.ival?.ival ?? 0) };
}

function bigConstant(text: string): Expression {
  const fits =
    /^-?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
  if (fits) return { kind: "literal", type: INT8, value: text };
  return {
    kind: "cast",
    type: NUMERIC,
    attempt: false,
    operand: { kind: "literal", type: UNKNOWN, value: text },
  };
}

function column(ref: Tree.ColumnRef): Expression {
  const name = names(ref.fields).at(-1) ?? "";
  const index = SAMPLE.findIndex((item) => item[0] === name);
  if (index < 0) throw new SqlError("42703", `column "${name}" does not exist`);
  return {
    kind: "column",
    column: columnId(index),
    name,
    type: typeByName(SAMPLE[index]?.[1] ?? "text"),
    nullable: true,
  };
}

function typeOf(node: Tree.TypeName | undefined): DataType {
  const parts = names(node?.names);
  return resolveTypeName({
    name: parts.at(-1) ?? "",
    position: 1,
    modifiers: parts.at(-1) === "interval" ? [] : modifiersOf(node),
    arrayDepth: node?.arrayBounds?.length ?? 0,
    arguments: [],
    fields: [],
  });
}

/** PostgreSQL's mask bits of `interval '1' year` and kin. */
const FIELD_WORDS: Readonly<Record<number, string>> = {
  2: "month",
  4: "year",
  8: "day",
  1024: "hour",
  2048: "minute",
  4096: "second",
};

function modifiersOf(node: Tree.TypeName | undefined): readonly number[] {
  return (node?.typmods ?? []).map((mod) =>
    "A_Const" in mod ? (mod.A_Const.ival?.ival ?? 0) : 0,
  );
}

function names(nodes: readonly Tree.Node[] | undefined): readonly string[] {
  return (nodes ?? []).map((node) =>
    "String" in node ? (node.String.sval ?? "") : "",
  );
}

function need(node: Tree.Node | undefined): Tree.Node {
  if (node === undefined) throw new SqlError("42601", "missing operand");
  return node;
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new SqlError("42601", "missing operand");
  return value;
}
