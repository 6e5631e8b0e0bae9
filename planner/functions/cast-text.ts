// Casts to text: what PostgreSQL's output functions print, computed in the kernel.

import type { DataType } from "../../storage/common/data-type.ts";
import type { EmitSettings, Emitted } from "./function.ts";
import {
  castTo,
  kernelType,
  numericText,
  once,
  quoteText,
  representationOf,
} from "./emit.ts";
import { isUtc, wallClock } from "./zone.ts";

/** SQL of the value's text, under the session's settings. */
export function textOf(value: Emitted, settings: EmitSettings): string {
  const { sql, type, representation } = value;
  if (representation.kind !== "native") return numericText(value);
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
      return `jsonb_text(${toJson(value, settings)})`;
    default:
      return plainText(sql, type);
  }
}

function plainText(sql: string, type: DataType): string {
  if (type.kind === "variant") return `variant_json(${sql})`;
  return kernelType(type) === "VARCHAR" ? sql : castTo(sql, "VARCHAR");
}

function momentText({ sql, type }: Emitted, settings: EmitSettings): string {
  if (!settings.dateStyle.startsWith("ISO"))
    return styledText(sql, type, settings);
  if (type.kind !== "timestamptz") return eraText(castTo(sql, "VARCHAR"), "");
  if (isUtc(settings.timeZone)) {
    return once(sql, (v) => {
      const wall = castTo(wallClock(v, settings.timeZone), "VARCHAR");
      return `CASE WHEN isfinite(${v}) THEN ${eraText(wall, "+00")} ELSE ${wall} END`;
    });
  }
  return once(
    sql,
    (v) =>
      `coalesce(timestamptz_text(epoch_us(${v}), ${quoteText(settings.timeZone)}), ${castTo(v, "VARCHAR")})`,
  );
}

/** The kernel writes the era in brackets after the date; PostgreSQL puts it last. */
function eraText(sql: string, zone: string): string {
  return `(CASE WHEN contains(${sql}, '(BC)') THEN replace(${sql}, ' (BC)', '') || '${zone} BC' ELSE ${zone === "" ? sql : `${sql} || '${zone}'`} END)`;
}

/** DateStyle SQL, German and Postgres: by a registered function from days or microseconds. */
function styledText(
  sql: string,
  type: DataType,
  settings: EmitSettings,
): string {
  const style = quoteText(settings.dateStyle);
  const zone = quoteText(settings.timeZone);
  return once(
    sql,
    (v) =>
      `coalesce(styled_text(${quoteText(type.kind)}, epoch_us(${type.kind === "date" ? castTo(v, "TIMESTAMP") : v}), ${style}, ${zone}), ${castTo(v, "VARCHAR")})`,
  );
}

function arrayText(
  sql: string,
  element: DataType,
  settings: EmitSettings,
): string {
  if (kernelType(element) === "VARCHAR") return `array_text(${sql})`;
  const item: Emitted = {
    sql: "item",
    type: element,
    representation: representationOf(element),
  };
  return `array_text(list_transform(${sql}, lambda item: ${outputOf(item, settings)}))`;
}

/** What the type's output function prints, as concat, format and arrays show values: `t` for true, char(n) with its blanks. */
export function outputOf(value: Emitted, settings: EmitSettings): string {
  switch (value.type.kind) {
    case "bool":
      return `(CASE ${value.sql} WHEN true THEN 't' WHEN false THEN 'f' END)`;
    case "bpchar":
      return value.sql;
    default:
      return textOf(value, settings);
  }
}

/** The value as JSON text, as to_json writes it. NULL stays NULL. */
export function toJson(value: Emitted, session: EmitSettings): string {
  const settings: EmitSettings = { ...session, dateStyle: "ISO, MDY" };
  const { sql, type, representation } = value;
  if (representation.kind !== "native")
    return `json_number(${numericText(value)})`;
  if (PLAIN_JSON.has(type.kind)) return castTo(sql, "VARCHAR");
  switch (type.kind) {
    case "float4":
    case "float8":
      return `json_number(${outputOf(value, settings)})`;
    case "json":
    case "jsonb":
      return sql;
    case "variant":
      return `variant_json(${sql})`;
    case "timestamp":
      return `json_quote(replace(${outputOf(value, settings)}, ' ', 'T'))`;
    case "timestamptz":
      return `json_instant(${outputOf(value, settings)})`;
    case "array":
      return arrayJson(sql, type.element, settings);
    case "struct":
      return structJson(value, settings);
    case "map":
      return mapJson(value, settings);
    default:
      return `json_quote(${outputOf(value, settings)})`;
  }
}

/** Types whose kernel text is JSON already. */
const PLAIN_JSON: ReadonlySet<string> = new Set([
  "bool",
  "int1",
  "int2",
  "int4",
  "int8",
  "oid",
]);

function arrayJson(
  sql: string,
  element: DataType,
  settings: EmitSettings,
): string {
  const item: Emitted = {
    sql: "item",
    type: element,
    representation: representationOf(element),
  };
  return `json_list(list_transform(${sql}, lambda item: coalesce(${toJson(item, settings)}, 'null')))`;
}

function structJson(value: Emitted, settings: EmitSettings): string {
  const fields = value.type.kind === "struct" ? value.type.fields : [];
  const members = fields.flatMap(({ name, type }) => {
    const field: Emitted = {
      sql: `struct_extract(${value.sql}, '${name.replaceAll("'", "''")}')`,
      type,
      representation: representationOf(type),
    };
    return [
      `'${name.replaceAll("'", "''")}'`,
      `coalesce(${toJson(field, settings)}, 'null')`,
    ];
  });
  return `(CASE WHEN ${value.sql} IS NOT NULL THEN json_members([${members.join(", ")}]::VARCHAR[]) END)`;
}

function mapJson(value: Emitted, settings: EmitSettings): string {
  if (value.type.kind !== "map") return value.sql;
  const { key, value: held } = value.type;
  const name = outputOf(
    { sql: "item.key", type: key, representation: representationOf(key) },
    settings,
  );
  const member = toJson(
    { sql: "item.value", type: held, representation: representationOf(held) },
    settings,
  );
  return `json_members(flatten(list_transform(map_entries(${value.sql}), lambda item: [${name}, coalesce(${member}, 'null')])))`;
}
