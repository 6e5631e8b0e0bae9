// Casts to text: what PostgreSQL's output functions print, computed in the kernel.

import type { DataType } from "../../storage/common/data-type.ts";
import type { EmitSettings, Emitted } from "./function.ts";
import {
  NATIVE,
  castTo,
  kernelType,
  once,
  quoteText,
  representationOf,
} from "./emit.ts";

/** SQL of the value's text, under the session's settings. */
export function textOf(value: Emitted, settings: EmitSettings): string {
  const { sql, type, representation } = value;
  if (representation.kind === "numeric-text") return sql;
  if (representation.kind === "decimal") return castTo(sql, "VARCHAR");
  switch (type.kind) {
    case "float4":
      return `float4_text(${sql}, ${settings.extraFloatDigits}::INTEGER)`;
    case "float8":
      return `float8_text(${sql}, ${settings.extraFloatDigits}::INTEGER)`;
    case "date":
    case "timestamp":
    case "timestamptz":
      return momentText(value, settings);
    case "interval":
      return `interval_text(${sql}, ${quoteText(settings.intervalStyle)})`;
    case "bytea":
      return settings.byteaOutput === "hex"
        ? `('\\x' || lower(hex(${sql})))`
        : `bytea_escape(${sql})`;
    case "bpchar":
      return `rtrim(${sql}, ' ')`;
    case "array":
      return arrayText(sql, type.element, settings);
    case "struct":
    case "map":
      return `jsonb_text(to_json(${sql})::VARCHAR)`;
    default:
      return kernelType(type) === "VARCHAR" ? sql : castTo(sql, "VARCHAR");
  }
}

function momentText({ sql, type }: Emitted, settings: EmitSettings): string {
  if (!settings.dateStyle.startsWith("ISO"))
    return styledText(sql, type, settings);
  if (type.kind !== "timestamptz") return eraText(castTo(sql, "VARCHAR"));
  if (/^(?:UTC|GMT|Etc\/UTC)$/i.test(settings.timeZone)) {
    return once(sql, (v) => {
      const wall = castTo(`timezone('UTC', ${v})`, "VARCHAR");
      return `CASE WHEN isfinite(${v}) THEN ${eraText(`replace(${wall} || '+00', ' (BC)+00', '+00 (BC)')`)} ELSE ${wall} END`;
    });
  }
  return `timestamptz_text(epoch_us(${sql}), ${quoteText(settings.timeZone)})`;
}

function eraText(sql: string): string {
  return `replace(${sql}, ' (BC)', ' BC')`;
}

/** DateStyle SQL, German and Postgres: by a registered function from days or microseconds. */
function styledText(
  sql: string,
  type: DataType,
  settings: EmitSettings,
): string {
  const style = quoteText(settings.dateStyle);
  const zone = quoteText(settings.timeZone);
  const wall = type.kind === "date" ? castTo(sql, "TIMESTAMP") : sql;
  return `styled_text(${quoteText(type.kind)}, epoch_us(${wall}), ${style}, ${zone})`;
}

function arrayText(
  sql: string,
  element: DataType,
  settings: EmitSettings,
): string {
  const item: Emitted = {
    sql: "item",
    type: element,
    representation: representationOf(element),
  };
  const text =
    kernelType(element) === "VARCHAR"
      ? sql
      : `list_transform(${sql}, lambda item: ${textOf(item, settings)})`;
  return element.kind === "bool"
    ? `array_text(list_transform(${sql}, lambda item: CASE WHEN item THEN 't' ELSE CASE WHEN item IS NULL THEN NULL ELSE 'f' END END))`
    : `array_text(${text})`;
}

/** The value as emitted text. */
export function emitText(value: Emitted, settings: EmitSettings): Emitted {
  return {
    sql: textOf(value, settings),
    type: { kind: "text" },
    representation: NATIVE,
  };
}
