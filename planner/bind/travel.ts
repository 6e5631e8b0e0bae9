// Points of time travel: constants, evaluated before anything is opened.

import type { TravelPoint } from "../../storage/catalog/view.ts";
import { INTERVAL, TIMESTAMPTZ } from "../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import type {
  CallExpr,
  Expr,
  Identifier,
  QualifiedName,
  TimeTravel,
} from "../parse/ast.ts";
import { readInput } from "./input/input.ts";
import { addInterval, parseInterval } from "./input/interval.ts";
import { formatInstant, parseInstantMicros } from "./input/timestamp.ts";
import type { ResolveState } from "./resolve-state.ts";

/** Throws 0A000 when the expression is not a constant, 22007 when it is not a point in time. */
export function evaluateTravel(
  state: ResolveState,
  travel: TimeTravel,
): TravelPoint {
  if (travel.kind === "version") {
    return { kind: "version", version: versionOf(travel.value) };
  }
  const micros = instantOf(state, travel.value);
  return { kind: "timestamp", timestamp: formatInstant(micros) };
}

function versionOf(value: Expr): number {
  const text = value.kind === "literal" ? literalText(value) : undefined;
  if (text === undefined || !/^\d{1,15}$/u.test(text)) {
    throw notSupported(
      "a version that is not a non-negative integer constant is",
      value.position,
    );
  }
  return Number(text);
}

function literalText(
  value: Extract<Expr, { kind: "literal" }>,
): string | undefined {
  return "text" in value.value ? value.value.text : undefined;
}

/** Microseconds since 1970 UTC. */
function instantOf(state: ResolveState, value: Expr): bigint {
  const { environment } = state;
  const now = nowOf(state);
  switch (value.kind) {
    case "literal": {
      const text = literalText(value);
      if (text === undefined) break;
      return parseInstantMicros(text, {
        timeZone: environment.timeZone ?? "UTC",
        dateStyle: "ISO, MDY",
        now,
        position: value.position,
      });
    }
    case "cast":
      return instantOf(state, value.operand);
    case "keyword":
      if (value.keyword === "current_timestamp" && now !== undefined)
        return now;
      break;
    case "call":
      if (value.args.length === 0 && isNow(value) && now !== undefined) {
        return now;
      }
      break;
    case "operator":
      return shifted(state, value);
    default:
  }
  throw notConstant(value);
}

function isNow(call: CallExpr): boolean {
  return [
    "now",
    "current_timestamp",
    "transaction_timestamp",
    "statement_timestamp",
  ].includes(call.name.parts.at(-1)?.name ?? "");
}

function nowOf(state: ResolveState): bigint | undefined {
  const text = state.environment.session?.("now", [])?.text;
  return text === undefined || text === null
    ? undefined
    : parseInstantMicros(text, { timeZone: "UTC", dateStyle: "ISO, MDY" });
}

/** `now() - interval '1 day'`. */
function shifted(
  state: ResolveState,
  value: Extract<Expr, { kind: "operator" }>,
): bigint {
  const { left, right, operator } = value;
  const text = intervalText(right);
  if (!left || text === undefined || !["+", "-"].includes(operator)) {
    throw notConstant(value);
  }
  const canonical = readInput(INTERVAL, text, { position: right.position });
  const interval = parseInterval(canonical);
  if (!interval) throw notConstant(right);
  return addInterval(
    instantOf(state, left),
    interval,
    operator === "-" ? -1n : 1n,
  );
}

function intervalText(value: Expr): string | undefined {
  if (value.kind !== "cast" || value.type.name !== "interval") return undefined;
  return value.operand.kind === "literal"
    ? literalText(value.operand)
    : undefined;
}

function notConstant(value: Expr): SqlError {
  return notSupported(
    `a point of time travel that is not a constant ${TIMESTAMPTZ.kind} is`,
    value.position,
  );
}

/** The table that `table_changes('s.t', …)` names in its first argument; undefined when that is no string constant. */
export function tableNameOfText(call: CallExpr): QualifiedName | undefined {
  const value = call.args[0]?.value;
  if (value?.kind !== "literal" || value.value.kind !== "string") {
    return undefined;
  }
  const parts: Identifier[] = [];
  const pattern =
    /\s*(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`\s]+))\s*(\.|$)/uy;
  const { text } = value.value;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [, double, back, plain] = match;
    const name =
      double?.replaceAll('""', '"') ??
      back?.replaceAll("``", "`") ??
      plain?.toLowerCase() ??
      "";
    parts.push({
      name,
      quoted: plain === undefined,
      position: value.position,
    });
  }
  return parts.length === 0 ? undefined : { parts, position: value.position };
}
