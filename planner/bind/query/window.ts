// Window definitions: OVER (…), OVER w, windows built on named ones, frames.

import {
  INT8,
  INTERVAL,
  typeName,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Expression, SortKey } from "../../logical/expression.ts";
import type { Frame, FrameBound } from "../../logical/plan.ts";
import type {
  FrameBound as FrameBoundSyntax,
  Identifier,
  WindowFrame,
  WindowSpec,
} from "../../parse/ast.ts";
import { coerce, settleUnknown } from "../coerce.ts";
import type { BoundWindow, Scope } from "../scope.ts";
import { bindSortKeys } from "./sort-key.ts";
import { undefinedWindow, windowing } from "../errors/errors-query.ts";
import { locationOf } from "../location.ts";

/** Throws 42704 for an unknown name, 42P20 for definitions PostgreSQL refuses. */
export function bindWindow(
  scope: Scope,
  over: WindowSpec | Identifier,
): BoundWindow {
  const spec = "kind" in over ? over : namedWindow(scope, over);
  const base = spec.base && bindWindow(scope, spec.base);
  checkBase(spec, base);
  const orderBy =
    base && spec.orderBy.length === 0
      ? base.orderBy
      : bindSortKeys(scope, spec.orderBy);
  const partitionBy =
    base?.partitionBy ??
    spec.partitionBy.map((item) =>
      settleUnknown(
        scope.statement,
        scope.statement.binders.expression(item, scope),
      ),
    );
  return {
    partitionBy,
    orderBy,
    frame: spec.frame && bindFrame(scope, spec.frame, orderBy, spec.position),
  };
}

function namedWindow(scope: Scope, name: Identifier): WindowSpec {
  const { named } = scope.level;
  const found =
    named.get(name.name) ??
    (name.quoted
      ? undefined
      : [...named].find(
          ([key]) => key.toLowerCase() === name.name.toLowerCase(),
        )?.[1]);
  if (!found) throw undefinedWindow(name.name, name.position);
  return found;
}

function checkBase(spec: WindowSpec, base: BoundWindow | undefined): void {
  if (!base || !spec.base) return;
  const { name } = spec.base;
  const { position } = spec;
  if (spec.partitionBy.length > 0) {
    throw windowing(
      `cannot override PARTITION BY clause of window "${name}"`,
      position,
    );
  }
  if (spec.orderBy.length > 0 && base.orderBy.length > 0) {
    throw windowing(
      `cannot override ORDER BY clause of window "${name}"`,
      position,
    );
  }
  if (base.frame) {
    throw windowing(
      `cannot copy window "${name}" because it has a frame clause`,
      position,
    );
  }
}

function bindFrame(
  scope: Scope,
  frame: WindowFrame,
  orderBy: readonly SortKey[],
  position: number,
): Frame {
  const hasOffset = "offset" in frame.start || "offset" in frame.end;
  if (frame.unit === "range" && hasOffset && orderBy.length !== 1) {
    throw windowing(
      "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column",
      position,
    );
  }
  if (frame.unit === "groups" && orderBy.length === 0) {
    throw windowing("GROUPS mode requires an ORDER BY clause", position);
  }
  const target = frame.unit === "range" ? rangeOffsetType(orderBy[0]) : INT8;
  const bound = (side: FrameBoundSyntax): FrameBound =>
    "offset" in side
      ? {
          kind: side.kind,
          offset: checkedOffset(
            bindOffset(scope, side, target, orderBy[0]),
            frame.unit,
            side === frame.start ? "starting" : "ending",
          ),
        }
      : side;
  return {
    unit: frame.unit,
    start: bound(frame.start),
    end: bound(frame.end),
    exclude: frame.exclude,
  };
}

/** Throws 22013 and 22004 for constants; PostgreSQL does so at the first row, and without a position. */
function checkedOffset(
  offset: Expression,
  unit: Frame["unit"],
  end: "starting" | "ending",
): Expression {
  if (offset.kind !== "literal") return offset;
  if (offset.value === null) {
    throw new SqlError("22004", `frame ${end} offset must not be null`);
  }
  if (!offset.value.startsWith("-")) return offset;
  throw new SqlError(
    "22013",
    unit === "range"
      ? "invalid preceding or following size in window function"
      : `frame ${end} offset must not be negative`,
  );
}

function bindOffset(
  scope: Scope,
  side: Extract<FrameBoundSyntax, { offset: unknown }>,
  target: DataType | undefined,
  key: SortKey | undefined,
): Expression {
  const value = scope.statement.binders.expression(side.offset, scope);
  if (target) return coerce(scope.statement, value, target, "implicit");
  throw new SqlError(
    "0A000",
    `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${typeName(key?.value.type ?? INT8)}`,
    { position: locationOf(value) },
  );
}

/** Numbers move by their own type, points in time by intervals; undefined where nothing does. */
function rangeOffsetType(key: SortKey | undefined): DataType | undefined {
  const type = key?.value.type ?? INT8;
  switch (type.kind) {
    case "int2":
    case "int4":
    case "int8":
    case "float4":
    case "float8":
    case "numeric":
      return type;
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
    case "interval":
      return INTERVAL;
    default:
      return undefined;
  }
}
