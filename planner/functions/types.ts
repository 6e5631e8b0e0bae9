// What PostgreSQL knows about types beyond their names: categories, preferred types, casts (pg_cast), and the type that several
// expressions have in common (select_common_type). Type names are resolved in type-name.ts.

import {
  INT2,
  NUMERIC,
  TEXT,
  isNested,
  type DataType,
} from "../../storage/common/data-type.ts";

/** pg_type.typcategory: A array, B boolean, C composite, D date/time, N numeric, S string, T timespan, U user-defined, X unknown. */
export type TypeCategory =
  "A" | "B" | "C" | "D" | "N" | "S" | "T" | "U" | "X" | "P";

/** Where a conversion is asked for: in an expression, in an assignment to a column, or by CAST. */
export type CoercionContext = "implicit" | "assignment" | "explicit";

const CATEGORIES: Readonly<Record<DataType["kind"], TypeCategory>> = {
  bool: "B",
  int1: "N",
  int2: "N",
  int4: "N",
  int8: "N",
  float4: "N",
  float8: "N",
  numeric: "N",
  oid: "N",
  regclass: "N",
  regtype: "N",
  text: "S",
  varchar: "S",
  bpchar: "S",
  name: "S",
  date: "D",
  time: "D",
  timestamp: "D",
  timestamptz: "D",
  interval: "T",
  bytea: "U",
  uuid: "U",
  json: "U",
  jsonb: "U",
  variant: "U",
  map: "U",
  struct: "C",
  record: "P",
  array: "A",
  void: "S",
  unknown: "X",
};

export function categoryOf(type: DataType): TypeCategory {
  return CATEGORIES[type.kind];
}

/** pg_type.typispreferred. */
export function isPreferred(type: DataType): boolean {
  switch (type.kind) {
    case "bool":
    case "float8":
    case "oid":
    case "text":
    case "timestamptz":
    case "interval":
      return true;
    default:
      return false;
  }
}

/** The type functions are declared for: Delta's byte counts as int2, its void as text. */
export function baseType(type: DataType): DataType {
  if (type.kind === "int1") return INT2;
  if (type.kind === "void") return TEXT;
  return type;
}

/** Names a type without its modifier: equal keys are the same PostgreSQL type. Function ids are made of them. */
export function typeKey(type: DataType): string {
  if (type.kind === "array") return `${typeKey(type.element)}[]`;
  return type.kind;
}

/** Same type, whatever the modifiers. */
export function sameKind(a: DataType, b: DataType): boolean {
  return typeKey(a) === typeKey(b);
}

const IMPLICIT = 0;
const ASSIGNMENT = 1;
const EXPLICIT = 2;
const LEVELS: Readonly<Record<CoercionContext, number>> = {
  implicit: IMPLICIT,
  assignment: ASSIGNMENT,
  explicit: EXPLICIT,
};

/** pg_cast by source: targets allowed implicitly; after `:` on assignment; after a second `:` only when explicit. */
const CASTS: Readonly<Partial<Record<DataType["kind"], string>>> = {
  bool: "::int4",
  int1: "int2 int4 int8 float4 float8 numeric oid regclass regtype",
  int2: "int4 int8 float4 float8 numeric oid regclass regtype:int1",
  int4: "int8 float4 float8 numeric oid regclass regtype:int1 int2:bool",
  int8: "float4 float8 numeric oid regclass regtype:int1 int2 int4",
  float4: "float8:int1 int2 int4 int8 numeric",
  float8: ":int1 int2 int4 int8 float4 numeric",
  numeric: "float4 float8:int1 int2 int4 int8",
  oid: "regclass regtype:int4 int8",
  regclass: "oid:int4 int8",
  regtype: "oid:int4 int8",
  text: "varchar bpchar name regclass",
  varchar: "text bpchar name regclass",
  bpchar: "text varchar name",
  name: "text:varchar bpchar",
  date: "timestamp timestamptz",
  time: "interval",
  timestamp: "timestamptz:date time",
  timestamptz: ":date time timestamp",
  interval: ":time",
  json: ":jsonb variant",
  jsonb: ":json variant:bool numeric int1 int2 int4 int8 float4 float8",
  variant: "jsonb:json:bool numeric int1 int2 int4 int8 float4 float8",
  struct: "jsonb:json",
  map: "jsonb:json",
};

const CAST_LEVELS: ReadonlyMap<string, number> = new Map(
  Object.entries(CASTS).flatMap(([source, text]) =>
    text
      .split(":")
      .flatMap((targets, level) =>
        targets
          .split(" ")
          .map((target) => [`${source} ${target}`, level] as const),
      ),
  ),
);

/** True when PostgreSQL converts `from` to `to` in this context; an unknown literal goes anywhere. Modifiers do not matter. */
export function canCoerce(
  from: DataType,
  to: DataType,
  context: CoercionContext,
): boolean {
  if (from.kind === "unknown" || from.kind === "void") return true;
  if (sameKind(from, to)) return true;
  const level = LEVELS[context];
  if ((CAST_LEVELS.get(`${from.kind} ${to.kind}`) ?? 3) <= level) return true;
  if (coercesNested(from, to, context)) return true;
  if (categoryOf(to) === "S") return level >= ASSIGNMENT;
  return categoryOf(from) === "S" && level === EXPLICIT && isScalarLike(to);
}

function coercesNested(
  from: DataType,
  to: DataType,
  context: CoercionContext,
): boolean {
  if (from.kind === "array") {
    if (to.kind === "array")
      return canCoerce(from.element, to.element, context);
    return to.kind === "jsonb" && isNested(from.element);
  }
  if (from.kind === "struct" && to.kind === "struct") {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, i) => {
        const target = to.fields[i];
        return (
          target?.name.toLowerCase() === field.name.toLowerCase() &&
          canCoerce(field.type, target.type, context)
        );
      })
    );
  }
  if (from.kind === "map" && to.kind === "map") {
    return (
      canCoerce(from.key, to.key, context) &&
      canCoerce(from.value, to.value, context)
    );
  }
  return false;
}

function isScalarLike(to: DataType): boolean {
  return to.kind !== "record" && to.kind !== "map" && to.kind !== "struct";
}

/** The value's bytes are the same in both types, so no Cast node is needed where `to` is expected. */
export function isBinaryCoercible(from: DataType, to: DataType): boolean {
  if (sameKind(from, to)) return true;
  if (from.kind === "array" && to.kind === "array") {
    return isBinaryCoercible(from.element, to.element);
  }
  return (
    to.kind === "text" && (from.kind === "varchar" || from.kind === "name")
  );
}

export type CommonType =
  | { readonly kind: "common"; readonly type: DataType }
  /** The first two that do not go together, for `UNION types integer and text cannot be matched`. */
  | {
      readonly kind: "mismatch";
      readonly left: DataType;
      readonly right: DataType;
    };

/** select_common_type: the result type of UNION, CASE, COALESCE, ARRAY[], VALUES, IN, GREATEST. All unknown gives text. */
export function commonType(types: readonly DataType[]): CommonType {
  const [first] = types;
  if (first !== undefined && types.every((type) => sameKind(type, first))) {
    return { kind: "common", type: mergeAll(types, first) };
  }
  const known = types.map(baseType).filter((type) => type.kind !== "unknown");
  let chosen: DataType | undefined;
  for (const type of known) {
    if (chosen === undefined) chosen = type;
    else if (!sameKind(type, chosen)) {
      if (!sameCategory(type, chosen)) {
        return { kind: "mismatch", left: chosen, right: type };
      }
      if (
        !isPreferred(chosen) &&
        canCoerce(chosen, type, "implicit") &&
        !canCoerce(type, chosen, "implicit")
      ) {
        chosen = type;
      }
    }
  }
  if (chosen === undefined) return { kind: "common", type: TEXT };
  const target = chosen;
  const bad = known.find((type) => !canCoerce(type, target, "implicit"));
  if (bad !== undefined) return { kind: "mismatch", left: target, right: bad };
  return {
    kind: "common",
    type: mergeAll(
      known.filter((type) => sameKind(type, target)),
      target,
      known.length === types.length &&
        known.every((type) => sameKind(type, target)),
    ),
  };
}

function sameCategory(a: DataType, b: DataType): boolean {
  return categoryOf(a) === categoryOf(b);
}

/** The modifier survives only when every input has the same one (select_common_typmod). */
function mergeAll(
  types: readonly DataType[],
  type: DataType,
  keepModifier = true,
): DataType {
  if (type.kind === "unknown" || type.kind === "void") return TEXT;
  if (keepModifier && types.every((other) => sameModifier(other, type))) {
    return type;
  }
  return withoutModifier(type);
}

function sameModifier(a: DataType, b: DataType): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `numeric(15,2)` to `numeric`, `character varying(10)` to `character varying`; arrays likewise. */
export function withoutModifier(type: DataType): DataType {
  switch (type.kind) {
    case "numeric":
      return NUMERIC;
    case "varchar":
    case "bpchar":
      return { kind: type.kind };
    case "array":
      return { kind: "array", element: withoutModifier(type.element) };
    default:
      return type;
  }
}
