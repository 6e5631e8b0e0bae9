// What a scan of CSV and JSON files gives beside the fields. No column of a file has such a name.

/** The row as it stands in the file. */
export const RECORD_COLUMN = "\u0000record";
/** A text where the row cannot be split into its fields, else NULL. */
export const MALFORMED_COLUMN = "\u0000malformed";
