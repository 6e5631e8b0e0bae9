// How plain files are read, as plain values: what read_files, path tables and external tables ask for, and what a node needs to know.

import type { Column } from "../common/schema.ts";

export type FilesFormat = CsvFormat | JsonFormat | ParquetFormat;

/** What a row that is not as it should be does: its bad values are NULL, it is left out, or it ends the statement. */
export type RowMode = "permissive" | "drop-malformed" | "failfast";

interface Common {
  /** Undefined: taken from the files. */
  readonly schema: readonly Column[] | undefined;
  /** Only files of such names, with `*` and `?`. */
  readonly nameFilter: string | undefined;
  /** Only these, as paths from the folder on; each must be there. */
  readonly only: readonly string[] | undefined;
  /** Files that cannot be read at all are left out. */
  readonly skipsCorrupt: boolean;
}

interface TextFormat extends Common {
  readonly mode: RowMode;
  /** The column that shows a bad row as it stands in its file. */
  readonly corruptColumn: string | undefined;
  /** Types are guessed from values; else all columns are text. */
  readonly inferTypes: boolean;
}

export interface CsvFormat extends TextFormat {
  readonly kind: "csv";
  readonly header: boolean;
  /** The columns of `schema` are found by each file's header, not by their place. */
  readonly byHeader: boolean;
  /** One ASCII character each. */
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  /** Lines that begin so are no rows. */
  readonly comment: string | undefined;
  /** The unquoted text of NULL. */
  readonly nullValue: string;
  /** Quoted values may hold line ends. */
  readonly multiLine: boolean;
}

export interface JsonFormat extends TextFormat {
  readonly kind: "json";
  /** Objects may take several lines, and lie in an array; else they are one a line. */
  readonly multiLine: boolean;
}

export interface ParquetFormat extends Common {
  readonly kind: "parquet";
}
