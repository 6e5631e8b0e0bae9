// Statements whose answer differs from PostgreSQL's on purpose, each with its reason. The test fails when one no longer differs.

export const EXCEPTIONS: ReadonlyMap<string, string> = new Map<string, string>(
  [],
);
