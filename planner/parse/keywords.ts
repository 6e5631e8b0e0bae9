// Words PostgreSQL reserves (manual, appendix C): they end a name where our own grammar reads one without quotes.

export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
leading limit localtime localtimestamp not null offset on only or order placing primary references returning
select session_user some symmetric system_user table then to trailing true union unique user using variadic when
where window with`.split(/\s+/),
);

/** Words that are not reserved and yet always have an operand behind them, so that a word there is a name. */
export const LEADING_WORDS: ReadonlySet<string> = new Set(
  "by between escape values set zone return".split(" "),
);
