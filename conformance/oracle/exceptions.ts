// Statements whose answer differs from PostgreSQL's on purpose, each with its reason. The test fails when one no longer differs.

export const EXCEPTIONS: ReadonlyMap<string, string> = new Map<string, string>([
  [
    "select '{{1,2},{3,4}}'::int[]",
    "Delta's arrays have one dimension: text with more is refused (0A000) instead of becoming an array of arrays, which is another type",
  ],
  [
    "select corr(i4, i2), covar_pop(i4, i2), covar_samp(i4, i2), regr_slope(i4, i2), regr_count(i4, i2) from ora.types where id in (1, 6, 7, 8)",
    "aggregates of double precision add in the order parallel scans deliver rows, so that the last digit may differ",
  ],
  [
    "select 'NaN'::numeric(5,2)",
    "numeric with precision and scale is Delta's decimal, which has no NaN",
  ],
  [
    `select 'abc'::char(5) || 'x', length('abc '::char(5)), octet_length('abc '::char(5)), 'abc '::char(5)::text || 'x', 'abcdef'::char, 'x'::"char"`,
    'the type "char" of the system catalogs reads as char(1)',
  ],
  [
    "select date '5874897-12-31' + 1",
    "dates of lakes end earlier than PostgreSQL's: the constant itself is out of range",
  ],
  [
    "select id from ora.kids k where kids.id = 1",
    "the hint names the alias of a table even when its schema is not on the search path",
  ],
]);
