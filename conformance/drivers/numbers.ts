// Rows out of nothing, for tests of size.

/** A relation `numbers(g)` of the numbers from 0 below 10 to the power of `digits`, as int8. */
export function numbers(digits: number): string {
  const places = Array.from({ length: digits }, (_, place) => `d${place}`);
  const sum = places.map((d, place) => `${d}.v * ${10 ** place}::int8`);
  const values = "(values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9))";
  const from = places.map((d) => `${values} as ${d}(v)`);
  return `(select ${sum.join(" + ")} as g from ${from.join(", ")}) as numbers`;
}
