// Values as the kernel prints them -> the canonical text of common/scalar.ts (PostgreSQL's output in UTC).

import type { DataType } from "../common/data-type.ts";

/** SQL that prints `expression`, a file table's partition value or bound of this type, for `canonicalText`. */
export function printed(type: DataType, expression: string): string {
  switch (type.kind) {
    case "bytea":
      return `'\\x' || lower(hex(${expression}))`;
    case "float4":
      return `CAST(CAST(${expression} AS FLOAT) AS VARCHAR)`;
    default:
      return `CAST(${expression} AS VARCHAR)`;
  }
}

export function canonicalText(
  type: DataType,
  text: string | null,
): string | null {
  if (text === null) return null;
  switch (type.kind) {
    case "bool":
      return text === "true" ? "t" : "f";
    case "float4":
      return floatText(text, 6);
    case "float8":
      return floatText(text, 15);
    case "date":
    case "timestamp":
    case "timestamptz":
      return text.includes(" (BC)") ? `${text.replace(" (BC)", "")} BC` : text;
    default:
      return text;
  }
}

const FLOAT_WORDS: Readonly<Record<string, string>> = {
  inf: "Infinity",
  "-inf": "-Infinity",
  nan: "NaN",
};

/** Shortest digits as PostgreSQL prints them: with an exponent below 1e-4 and from 1e`digits` on, without a trailing `.0`. */
function floatText(text: string, digits: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) return FLOAT_WORDS[text.toLowerCase()] ?? text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const all = `${whole}${fraction}`;
  const leading = all.length - all.replace(/^0+/, "").length;
  const significant = all.slice(leading).replace(/0+$/, "");
  if (significant === "") return `${sign}0`;
  const power = whole.length - leading - 1 + Number(exponent);
  return (
    sign +
    (power < -4 || power >= digits
      ? scientific(significant, power)
      : positional(significant, power))
  );
}

function scientific(digits: string, power: number): string {
  const mantissa =
    digits.length === 1 ? digits : `${digits.charAt(0)}.${digits.slice(1)}`;
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function positional(digits: string, power: number): string {
  if (power < 0) return `0.${"0".repeat(-power - 1)}${digits}`;
  if (digits.length <= power + 1) return digits.padEnd(power + 1, "0");
  return `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}
