// Constants as kernel SQL, always with their type: the kernel would otherwise give `5` the smallest type that fits its neighbour.

import { typeName, type DataType } from "../../storage/common/data-type.ts";
import { notSupported } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Emitted } from "./function.ts";
import {
  MAX_DIGITS,
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  kernelType,
  quoteText,
  representationOf,
} from "./emit.ts";
import { readArray } from "./value/array-text.ts";
import type { Interval } from "./value/date-time-text.ts";
import { readInterval } from "./value/interval-input.ts";

/** `text` is canonical (storage/common/scalar.ts); null is a NULL of the type. */
export function emitLiteral(text: string | null, type: DataType): Emitted {
  if (text === null) return nullOf(type);
  if (type.kind === "numeric") return numericLiteral(text, type);
  return { sql: literalSql(text, type), type, representation: NATIVE };
}

function nullOf(type: DataType): Emitted {
  const representation =
    type.kind === "numeric" && type.precision === undefined
      ? decimal(1, 0)
      : representationOf(type);
  return {
    sql: `NULL::${kernelType(type, representation)}`,
    type,
    representation,
  };
}

/** A decimal of just the literal's digits: `1.50` has scale 2. */
function numericLiteral(
  text: string,
  type: DataType & { readonly kind: "numeric" },
): Emitted {
  const match = /^(-?)0*(\d*)(?:\.(\d*))?$/.exec(text);
  if (match !== null) {
    const [, sign = "", whole = "", fraction = ""] = match;
    const precision = Math.max(whole.length, 1) + fraction.length;
    const representation =
      type.precision === undefined
        ? decimal(precision, fraction.length)
        : decimal(type.precision, type.scale ?? 0);
    if (precision <= MAX_DIGITS) {
      const digits = `${sign}${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
      return {
        sql: `${quoteText(digits)}::${kernelType(type, representation)}`,
        type,
        representation,
      };
    }
  }
  return {
    sql: quoteText(text.replace(/^(-?)\./, "$10.")),
    type,
    representation: NUMERIC_TEXT,
  };
}

const INTEGERS: ReadonlySet<string> = new Set([
  "int1",
  "int2",
  "int4",
  "int8",
  "oid",
]);

function literalSql(text: string, type: DataType): string {
  if (INTEGERS.has(type.kind)) {
    return `${text.startsWith("-") ? `(${text})` : text}::${kernelType(type)}`;
  }
  switch (type.kind) {
    case "bool":
      return text === "t" || text === "true" ? "true" : "false";
    case "bytea":
      return `unhex(${quoteText(text.slice(2))})`;
    case "date":
    case "timestamp":
    case "timestamptz":
      return `${quoteText(kernelEra(text))}::${kernelType(type)}`;
    case "interval":
      return intervalLiteral(readInterval(text));
    case "array":
      return arrayLiteral(text, type.element);
    case "struct":
    case "map":
      return nestedFromText(quoteText(text), type);
    case "variant":
      return `variant_of(${quoteText(text)})`;
    default:
      return plainLiteral(text, kernelType(type));
  }
}

function plainLiteral(text: string, kernel: string): string {
  return kernel === "VARCHAR"
    ? textLiteral(text)
    : `${quoteText(text)}::${kernel}`;
}

/** A struct or map from the text of its JSON. Throws 0A000 where it holds a variant, which the kernel's own cast would not make. */
export function nestedFromText(sql: string, type: DataType): string {
  if (holdsVariant(type))
    throw notSupported(`text as a value of type ${typeName(type)} is`);
  return castTo(`(${sql})::JSON`, kernelType(type));
}

function holdsVariant(type: DataType): boolean {
  switch (type.kind) {
    case "variant":
      return true;
    case "array":
      return holdsVariant(type.element);
    case "map":
      return holdsVariant(type.value);
    case "struct":
      return type.fields.some((field) => holdsVariant(field.type));
    default:
      return false;
  }
}

function textLiteral(text: string): string {
  invariant(!text.includes("\u0000"), "text without NUL");
  return quoteText(text);
}

/** The kernel writes the era in brackets, right after the date. */
function kernelEra(text: string): string {
  return text.replace(/^(\S+)(.*) BC$/, "$1 (BC)$2");
}

export function intervalLiteral(value: Interval): string {
  return `${quoteText(kernelInterval(value))}::INTERVAL`;
}

/** Text that the kernel's own cast to INTERVAL reads back exactly. */
export function kernelInterval({ months, days, micros }: Interval): string {
  return `${months} months ${days} days ${micros} microseconds`;
}

function arrayLiteral(text: string, element: DataType): string {
  const representation = representationOf(element);
  const items = readArray(text).map((item) => {
    if (item === null) return "NULL";
    return element.kind === "numeric" && representation.kind === "numeric-text"
      ? quoteText(item)
      : emitLiteral(item, element).sql;
  });
  return castTo(`[${items.join(", ")}]`, `${kernelType(element)}[]`);
}

/** The constant's text when `sql` is a plain string literal, as `emitLiteral` writes it for text. */
export function constantText(sql: string | undefined): string | undefined {
  return sql !== undefined && /^'(?:[^']|'')*'$/.test(sql)
    ? sql.slice(1, -1).replaceAll("''", "'")
    : undefined;
}

/** The number when `sql` is an integer literal with its type. */
export function constantInteger(sql: string | undefined): number | undefined {
  const match = /^\(?(-?\d+)\)?::(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/.exec(
    sql ?? "",
  );
  return match === null ? undefined : Number(match[1]);
}
