// The order of a Z-order curve as kernel SQL: each column's rank among all rows, scaled to a fixed number of bits, and the bits of
// all columns interleaved from the highest on. Ranks, not values, so that skewed columns spread as evenly as others.

const BITS = 16;

/** An ORDER BY expression over kernel SQL of the columns; one column is its own order. */
export function interleavedOrder(columns: readonly string[]): string {
  const [first = "1", ...others] = columns;
  if (others.length === 0) return first;
  const bits = columns.map(
    (column) => `string_split(lpad(bin(${rank(column)}), ${BITS}, '0'), '')`,
  );
  const members = columns.map((_, index) => `bits[${index + 1}]`);
  return `array_to_string(list_transform(list_zip(${bits.join(", ")}), lambda bits: ${members.join(" || ")}), '')`;
}

/** From 0 to 2^BITS - 1; equal values have equal ranks. */
function rank(column: string): string {
  return `CAST((rank() OVER (ORDER BY ${column} NULLS FIRST) - 1) * ${2 ** BITS} // count(*) OVER () AS INTEGER)`;
}
