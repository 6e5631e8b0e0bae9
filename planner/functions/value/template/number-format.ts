// to_char of numbers and to_number: PostgreSQL's numeric templates (manual 9.8, table 9.30).

import { SqlError } from "../../../../storage/common/errors.ts";
import { formatDecimal, pow10, round, type Decimal } from "../decimal.ts";

export type NumberPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "pattern"; readonly name: string };

export interface NumberTemplate {
  readonly parts: readonly NumberPart[];
  readonly fill: boolean;
  /** Digit places before and after the point. */
  readonly before: number;
  readonly after: number;
  /** Digits moved in front of the point by V. */
  readonly shift: number;
  /** Place from the left, from 1, of the first 0 before the point; 0 when none. */
  readonly firstZero: number;
  /** Place of the last 0 after the point. */
  readonly lastZero: number;
}

const PATTERN = /^(?:EEEE|FM|MI|PL|PR|RN|SG|SP|TH|[,.09BCDGLSV])/i;

function syntax(message: string): SqlError {
  return new SqlError("42601", message);
}

export function parseNumberTemplate(template: string): NumberTemplate {
  const names = tokenize(template);
  const parts = names.filter(
    (part) => part.kind === "text" || part.name !== "FM",
  );
  const counts = { before: 0, after: 0, shift: 0, firstZero: 0, lastZero: 0 };
  let zone: "before" | "after" | "shift" = "before";
  for (const part of parts) {
    const name = part.kind === "text" ? "" : part.name;
    if (name === "." || name === "D") {
      if (zone === "after") throw syntax("multiple decimal points");
      zone = "after";
    } else if (name === "V") zone = "shift";
    else if (name === "9" || name === "0") countDigit(counts, zone, name);
  }
  return { parts, fill: parts.length === names.length, ...counts };
}

interface Counts {
  before: number;
  after: number;
  shift: number;
  firstZero: number;
  lastZero: number;
}

function countDigit(
  counts: Counts,
  zone: "before" | "after" | "shift",
  name: string,
): void {
  counts[zone]++;
  if (name !== "0") return;
  if (zone === "after") counts.lastZero = counts.after;
  else if (counts.firstZero === 0) {
    counts.firstZero = counts.before + counts.shift;
  }
}

function tokenize(template: string): readonly NumberPart[] {
  const parts: NumberPart[] = [];
  let rest = template;
  while (rest !== "") {
    const quoted = /^"((?:[^"\\]|\\[^])*)"?/.exec(rest);
    const match = quoted === null ? PATTERN.exec(rest)?.[0] : undefined;
    if (match !== undefined) {
      const upper = match.toUpperCase();
      parts.push({ kind: "pattern", name: upper === "TH" ? match : upper });
    } else {
      const text = (quoted?.[1] ?? rest.slice(0, 1)).replace(/\\([^])/g, "$1");
      parts.push({ kind: "text", text });
    }
    rest = rest.slice((match ?? quoted?.[0] ?? " ").length);
  }
  return parts;
}

/** The number as the template shows it; `#` in place of digits when it does not fit. */
export function formatNumber(value: Decimal, template: string): string {
  const parsed = parseNumberTemplate(template);
  if (
    parsed.parts.some((part) => part.kind === "pattern" && part.name === "EEEE")
  )
    return scientific(value, parsed);
  if (
    parsed.parts.some((part) => part.kind === "pattern" && part.name === "RN")
  )
    return roman(value, parsed);
  return new Writer(value, parsed).write();
}

class Writer {
  readonly #template: NumberTemplate;
  readonly #negative: boolean;
  readonly #whole: string;
  readonly #fraction: string;
  readonly #overflow: boolean;
  #out = "";
  #place = 0;
  #after = 0;
  #point = false;
  #signWritten: boolean;
  #started = false;

  constructor(value: Decimal, template: NumberTemplate) {
    this.#template = template;
    const scaled =
      template.shift > 0
        ? { ...value, coefficient: value.coefficient * pow10(template.shift) }
        : value;
    const special = value.special !== undefined;
    const rounded = special
      ? { coefficient: 0n, scale: 0 }
      : round(scaled, template.after);
    const text = formatDecimal({
      ...rounded,
      coefficient:
        rounded.coefficient < 0n ? -rounded.coefficient : rounded.coefficient,
    });
    const [whole = "0", fraction = ""] = text.split(".");
    this.#negative =
      value.special === "-Infinity" || (!special && rounded.coefficient < 0n);
    this.#whole = whole;
    this.#fraction = fraction;
    this.#overflow =
      special ||
      whole.replace(/^0+/, "").length > template.before + template.shift;
    this.#signWritten = template.parts.some(
      (part) => part.kind === "pattern" && /^(?:S|MI|PR|SG)$/.test(part.name),
    );
  }

  write(): string {
    for (const part of this.#template.parts) {
      if (part.kind === "text") this.#out += part.text;
      else this.#pattern(part.name);
    }
    return this.#out;
  }

  #has(name: string): boolean {
    return this.#template.parts.some(
      (part) => part.kind === "pattern" && part.name === name,
    );
  }

  /** The place, from 1, where digits begin to show. */
  #firstShown(): number {
    const { before, shift, firstZero } = this.#template;
    const places = before + shift;
    const digits = this.#whole.replace(/^0+/, "").length;
    const natural = this.#overflow
      ? 1
      : digits === 0
        ? places + (this.#template.after > 0 || this.#hasPoint() ? 1 : 0)
        : places - digits + 1;
    return firstZero > 0 ? Math.min(firstZero, natural) : natural;
  }

  #hasPoint(): boolean {
    return this.#has(".") || this.#has("D");
  }

  #pattern(name: string): void {
    switch (name) {
      case "9":
      case "0":
        if (this.#point) this.#fractionDigit(name);
        else this.#wholeDigit();
        return;
      case ",":
      case "G":
        if (this.#started) this.#out += ",";
        else if (this.#template.fill) this.#out += " ";
        return;
      case ".":
      case "D":
        this.#sign();
        this.#point = true;
        this.#out += ".";
        return;
      default:
        this.#mark(name);
    }
  }

  #shownAfter(): number {
    const significant = this.#fraction.replace(/0+$/, "").length;
    return Math.max(significant, this.#template.lastZero);
  }

  #wholeDigit(): void {
    const { before, shift, fill } = this.#template;
    this.#place++;
    if (this.#place < this.#firstShown()) {
      if (fill) this.#out += " ";
      return;
    }
    this.#sign();
    this.#started = true;
    const digits = this.#whole.padStart(before + shift, "0");
    this.#out += this.#overflow
      ? "#"
      : (digits[digits.length - before - shift + this.#place - 1] ?? "0");
  }

  #fractionDigit(name: string): void {
    this.#after++;
    if (
      !this.#template.fill &&
      this.#after > this.#shownAfter() &&
      name === "9"
    )
      return;
    this.#out += this.#overflow
      ? "#"
      : (this.#fraction[this.#after - 1] ?? "0");
  }

  /** Without a sign pattern, the place before the first digit holds `-` or a blank; S there holds the sign. */
  #sign(): void {
    if (this.#started || this.#placed) return;
    this.#placed = true;
    if (this.#has("PR")) this.#insert(this.#negative ? "<" : " ");
    else if (this.#leadingS()) this.#insert(this.#negative ? "-" : "+");
    else if (!this.#signWritten) this.#insert(this.#negative ? "-" : " ");
  }
  #placed = false;

  #insert(sign: string): void {
    if (sign !== " " || this.#template.fill) this.#out += sign;
  }

  #leadingS(): boolean {
    const { parts } = this.#template;
    const at = parts.findIndex(
      (part) => part.kind === "pattern" && part.name === "S",
    );
    const digit = parts.findIndex(
      (part) => part.kind === "pattern" && /^[09]$/.test(part.name),
    );
    return at >= 0 && at < digit;
  }

  #mark(name: string): void {
    const blank = this.#template.fill ? " " : "";
    const marks: Readonly<Record<string, string>> = {
      S: this.#leadingS() ? "" : this.#negative ? "-" : "+",
      SG: this.#negative ? "-" : "+",
      MI: this.#negative ? "-" : blank,
      PL: this.#negative ? blank : "+",
      PR: this.#negative ? ">" : blank,
    };
    if (name.toUpperCase() !== "TH") this.#out += marks[name] ?? "";
    else if (!this.#negative && this.#fraction === "") {
      this.#out += ordinal(this.#whole, name);
    }
  }
}

function ordinal(digits: string, written: string): string {
  const number = Number(digits.slice(-2));
  const ending =
    number >= 11 && number <= 13
      ? "th"
      : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return written === "TH" ? ending.toUpperCase() : ending;
}

function scientific(value: Decimal, template: NumberTemplate): string {
  const negative = value.coefficient < 0n;
  const digits = (negative ? -value.coefficient : value.coefficient).toString();
  let exponent = value.coefficient === 0n ? 0 : digits.length - 1 - value.scale;
  const kept = round(
    { coefficient: BigInt(digits), scale: digits.length - 1 },
    template.after,
  );
  let mantissa = kept;
  if (kept.coefficient >= 10n * pow10(template.after)) {
    mantissa = round(
      { coefficient: BigInt(digits), scale: digits.length },
      template.after,
    );
    exponent++;
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  const sign = negative ? "-" : template.fill ? " " : "";
  return `${sign}${formatDecimal(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
}

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

function roman(value: Decimal, template: NumberTemplate): string {
  let rest = Number(round(value, 0).coefficient);
  if (rest < 1 || rest > 3999) return "#".repeat(15);
  let text = "";
  for (const [size, letters] of ROMAN) {
    while (rest >= size) {
      text += letters;
      rest -= size;
    }
  }
  return template.fill ? text.padStart(15) : text;
}
