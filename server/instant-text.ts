// Milliseconds since 1970 as canonical timestamptz text: `2026-01-31 10:00:00.123+00`.

export function instantText(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/\.?0*Z$/, "+00");
}
