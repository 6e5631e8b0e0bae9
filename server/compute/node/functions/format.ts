// format(): PostgreSQL's template function with %s, %I, %L, positions and widths.

import { SqlError } from "../../../../storage/common/errors.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";

const SPEC = /%(?:(\d+)\$)?(-)?(?:(\d+)|\*(?:(\d+)\$)?)?([^])?/g;

export function formatText(
  template: string,
  values: readonly (string | null)[],
): string {
  let next = 0;
  const take = (place: string | undefined): string | null => {
    if (place === "0")
      throw new SqlError(
        "22023",
        "format specifies argument 0, but arguments are numbered from 1",
      );
    if (place !== undefined) next = Number(place) - 1;
    const value = values[next++];
    if (value === undefined)
      throw new SqlError("22023", "too few arguments for format()");
    return value;
  };
  return template.replace(SPEC, (...groups: (string | undefined)[]) => {
    const [whole, place, minus, width, starPlace, kind] = groups;
    if (whole === "%%") return "%";
    checkKind(kind);
    const star =
      whole?.includes("*") === true
        ? Number(take(starPlace) ?? "0")
        : Number(width ?? "0");
    const shown = show(take(place), kind ?? "s");
    const size = Math.abs(star);
    return minus !== undefined || star < 0
      ? shown.padEnd(size)
      : shown.padStart(size);
  });
}

function checkKind(kind: string | undefined): void {
  const hint = 'For a single "%" use "%%".';
  if (kind === undefined) {
    throw new SqlError("22023", "unterminated format() type specifier", {
      hint,
    });
  }
  if (!"sIL".includes(kind)) {
    throw new SqlError(
      "22023",
      `unrecognized format() type specifier "${kind}"`,
      { hint },
    );
  }
}

function show(value: string | null, kind: string): string {
  if (kind === "L") return value === null ? "NULL" : quoteLiteral(value);
  if (kind === "s") return value ?? "";
  if (value === null)
    throw new SqlError(
      "22004",
      "null values cannot be formatted as an SQL identifier",
    );
  return quoteIdentifier(value);
}
