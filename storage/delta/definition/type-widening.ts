// Type changes a table's schema records (Delta protocol, "Type Widening"; checklist T7): older files hold the narrower type.

import { unsupportedTable } from "../errors.ts";
import { isArray, isObject, type Json, type JsonObject } from "../json.ts";

/** Throws 0A000 when `changes` (the field's `delta.typeChanges`) holds a change no reader may guess at. */
export function checkTypeChanges(
  table: string,
  column: string,
  changes: Json | undefined,
): void {
  if (changes === undefined || changes === null) return;
  if (!isArray(changes))
    throw unsupportedTable(
      table,
      `type changes of column "${column}" are not a list`,
    );
  for (const change of changes) {
    const from = isObject(change) ? change.get("fromType") : undefined;
    const to = isObject(change) ? change.get("toType") : undefined;
    if (
      typeof from !== "string" ||
      typeof to !== "string" ||
      !isWidening(from, to)
    ) {
      const names = `"${typeof from === "string" ? from : "?"}" to "${typeof to === "string" ? to : "?"}"`;
      throw unsupportedTable(
        table,
        `column "${column}" was changed from type ${names}, which is not supported`,
      );
    }
  }
}

/**
 * True when some file may hold float values under a column that is double now: its statistics are texts of floats, which as
 * doubles are not bounds any more.
 */
export function wasFloat(metadata: JsonObject): boolean {
  const changes = metadata.get("delta.typeChanges");
  return (
    isArray(changes) &&
    changes.some(
      (change) => isObject(change) && change.get("fromType") === "float",
    )
  );
}

const INTEGERS: readonly string[] = ["byte", "short", "integer", "long"];

/** By names of Delta's primitive types: every value of the first is one of the second (checklist T7). */
export function isWidening(from: string, to: string): boolean {
  const target = decimalOf(to);
  const rank = INTEGERS.indexOf(from);
  if (target !== undefined) {
    const source = decimalOf(from) ?? integerAsDecimal(from);
    if (source === undefined) return false;
    const addedScale = target.scale - source.scale;
    return addedScale >= 0 && target.precision - source.precision >= addedScale;
  }
  if (rank >= 0 && INTEGERS.indexOf(to) > rank) return true;
  if (to === "double")
    return from === "float" || (rank >= 0 && from !== "long");
  return from === "date" && to === "timestamp_ntz";
}

function integerAsDecimal(
  name: string,
): { readonly precision: number; readonly scale: number } | undefined {
  const rank = INTEGERS.indexOf(name);
  if (rank < 0) return undefined;
  return { precision: name === "long" ? 20 : 10, scale: 0 };
}

function decimalOf(
  name: string,
): { readonly precision: number; readonly scale: number } | undefined {
  const match = /^decimal\((\d+),\s*(\d+)\)$/.exec(name);
  return match === null
    ? undefined
    : { precision: Number(match[1]), scale: Number(match[2]) };
}
