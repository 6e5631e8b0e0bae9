// Random expressions of the catalog's functions, operators and casts over edge values: as constants, which the gateway may compute while
// planning, and over the columns of a table, which the kernel computes.

import { diceOf, type Dice } from "../dice.ts";
import { EDGES, EDGE_TYPES, literal, type EdgeType } from "../edges.ts";
import { Report } from "../report.ts";
import {
  compareSides,
  type ErrorLikeness,
  type Sides,
  type Verdict,
} from "../sides.ts";
import { print, shrink, tree, type Tree } from "../tree.ts";
import { callOf, type Routine } from "./catalog.ts";

const ROWS = Math.max(...EDGE_TYPES.map((type) => EDGES[type].length));

/** A numeric of a table has a precision. */
const DECLARED = (type: EdgeType): string =>
  type === "numeric" ? "numeric(38,10)" : type;

/** Row `id` holds the edge value of that number of each type, and NULL where there is none that a column can hold. */
export const CREATE_EDGES: readonly string[] = [
  "create schema edge",
  `create table edge.v (id integer, ${EDGE_TYPES.map((type) => `${columnOf(type)} ${DECLARED(type)}`).join(", ")})`,
  `insert into edge.v values ${Array.from({ length: ROWS }, (_, row) => rowOf(row)).join(", ")}`,
];

function rowOf(row: number): string {
  const cells = EDGE_TYPES.map((type) => {
    const text = EDGES[type][row];
    const fits = type !== "numeric" || (text?.length ?? 0) < 38;
    return literal(DECLARED(type), fits ? text : undefined);
  });
  return `(${[String(row), ...cells].join(", ")})`;
}

function columnOf(type: EdgeType): string {
  return `c_${type.replaceAll(" ", "_").replace("[]", "s")}`;
}

/** How its leaves are written: as constants, or as columns of the rows v0, v1 … */
interface Expression {
  readonly constant: Tree;
  readonly columns: Tree;
  readonly from: readonly string[];
  /** Calls within calls. */
  readonly nested: boolean;
}

/** `nullable`: now and then NULL, beside which an argument that fails need not be computed. */
function leaf(dice: Dice, type: EdgeType, nullable: boolean): Expression {
  const values = EDGES[type];
  const row = nullable && dice.chance(0.1) ? ROWS : dice.below(values.length);
  const text = values[row];
  const alias = `v${row}`;
  return {
    constant: tree(type, [literal(type, text)]),
    columns:
      text === undefined
        ? tree(type, [`null::${type}`])
        : tree(type, [`${alias}.${columnOf(type)}`]),
    from: text === undefined ? [] : [String(row)],
    nested: false,
  };
}

export class Expressions {
  readonly #routines: readonly Routine[];
  readonly #byResult: ReadonlyMap<EdgeType, readonly Routine[]>;

  constructor(routines: readonly Routine[]) {
    const byResult = new Map<EdgeType, Routine[]>();
    for (const routine of routines) {
      const same = byResult.get(routine.returns) ?? [];
      byResult.set(routine.returns, [...same, routine]);
    }
    this.#routines = routines;
    this.#byResult = byResult;
  }

  /** A call of any routine, or a cast. */
  any(dice: Dice): Expression {
    const routine = dice.chance(0.9) ? dice.pickOf(this.#routines) : undefined;
    return routine === undefined
      ? castOf(dice)
      : this.#around(dice, routine, 1 + dice.below(3));
  }

  #around(dice: Dice, routine: Routine, depth: number): Expression {
    const { args } = routine;
    return called(
      routine,
      depth <= 1
        ? args.map((type) => leaf(dice, type, true))
        : args.map((type) => this.#value(dice, type, depth - 1)),
    );
  }

  #value(dice: Dice, type: EdgeType, depth: number): Expression {
    const routine = dice.chance(0.5)
      ? dice.pickOf(this.#byResult.get(type) ?? [])
      : undefined;
    return routine === undefined
      ? leaf(dice, type, false)
      : { ...this.#around(dice, routine, depth), nested: true };
  }
}

function castOf(dice: Dice): Expression {
  const to = dice.pick(EDGE_TYPES);
  const value = leaf(dice, dice.pick(EDGE_TYPES), true);
  const cast = (operand: Tree): Tree => tree(to, [operand, `::${to}`]);
  return {
    ...value,
    constant: cast(value.constant),
    columns: cast(value.columns),
  };
}

function called(routine: Routine, args: readonly Expression[]): Expression {
  const pieces = callOf(
    routine,
    args.map((_, at) => `\u0001${at}\u0001`),
  ).split("\u0001");
  const filled = (side: "constant" | "columns"): Tree =>
    tree(
      routine.returns,
      pieces.map((piece, at) =>
        at % 2 === 0 ? piece : (args[Number(piece)]?.[side] ?? ""),
      ),
      `null::${routine.returns}`,
    );
  return {
    constant: filled("constant"),
    columns: filled("columns"),
    from: args.flatMap(({ from }) => from),
    nested: args.some(({ nested }) => nested),
  };
}

/** More than so many differences are a few defects seen often. */
const ENOUGH = 30;

/** The expressions of the seeds from `seed` on, as constants and as columns of edge.v. */
export async function compareExpressions(
  sides: Sides,
  routines: readonly Routine[],
  seed: number,
  count: number,
): Promise<Report> {
  const report = new Report();
  const made = new Expressions(routines);
  for (let at = seed; at < seed + count; at += 1) {
    const expression = made.any(diceOf(at));
    for (const statement of statementsOf(expression))
      await told(sides, statement, expression.nested ? "any" : "code", report);
    if (report.differences.length >= ENOUGH) break;
  }
  return report;
}

function statementsOf({
  constant,
  columns,
  from,
}: Expression): readonly Tree[] {
  const rows = [...new Set(from)].map(
    (row) => `(select * from edge.v where id = ${row}) as v${row}`,
  );
  const folded = tree("statement", ["select ", constant]);
  return rows.length === 0
    ? [folded]
    : [
        folded,
        tree("statement", ["select ", columns, ` from ${rows.join(", ")}`]),
      ];
}

async function told(
  sides: Sides,
  statement: Tree,
  errors: ErrorLikeness,
  report: Report,
): Promise<void> {
  const verdict = await verdictOn(sides, statement, errors);
  if (verdict.kind === "same") report.agree(verdict.failed);
  if (verdict.kind === "refused") report.refuse(verdict.message);
  if (verdict.kind !== "different") return;
  const small = await shrink(
    statement,
    async (candidate) => {
      const found = await verdictOn(sides, candidate, errors);
      return found.kind === "different" && found.way === verdict.way;
    },
    60,
  );
  const last = await verdictOn(sides, small, errors);
  const { ours, theirs } = last.kind === "different" ? last : verdict;
  report.differ(
    `${print(small)}\n  Sluice:     ${ours.replaceAll("\n", " / ")}\n  PostgreSQL: ${theirs.replaceAll("\n", " / ")}`,
  );
}

async function verdictOn(
  sides: Sides,
  statement: Tree,
  errors: ErrorLikeness,
): Promise<Verdict> {
  return compareSides(sides, { sql: print(statement) }, errors);
}
