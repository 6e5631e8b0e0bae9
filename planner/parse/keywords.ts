// Words PostgreSQL reserves (manual, appendix C): they end a name where our own grammar reads one without quotes.

export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
leading limit localtime localtimestamp not null offset on only or order placing primary references returning
select session_user some symmetric system_user table then to trailing true union unique user using variadic when
where window with`.split(/\s+/),
);

/** Words that may name a function or a type but not a table without AS: they too end an alias. */
export const TYPE_FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left
like natural notnull outer overlaps right similar tablesample verbose`.split(
    /\s+/,
  ),
);
