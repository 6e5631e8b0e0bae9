// Names for the parameters of kernel lambdas.

/** Lambdas nest, so each level has a name of its own. */
export function variableFor(source: string): string {
  const depth = (source.match(/v\d+_/g) ?? [])
    .map((name) => Number(name.slice(1, -1)))
    .reduce((max, level) => Math.max(max, level + 1), 0);
  return `v${depth}_`;
}
