// How COPY writes and reads rows: the options of a COPY, checked and with their defaults (manual, "COPY").

export type CopyFormat = CopyTextFormat | CopyCsvFormat | CopyBinaryFormat;

export interface CopyTextFormat {
  readonly kind: "text";
  /** One ASCII character. */
  readonly delimiter: string;
  /** The text of NULL. */
  readonly null: string;
  readonly header: CopyHeader;
}

/** Column names in the first line: `match` also compares them. */
export type CopyHeader = "none" | "names" | "match";

export interface CopyCsvFormat {
  readonly kind: "csv";
  readonly delimiter: string;
  readonly null: string;
  readonly header: CopyHeader;
  readonly quote: string;
  readonly escape: string;
  /** Places of copied columns, from 0: written in quotes whatever they hold. */
  readonly forceQuote: readonly number[];
  /** Read as text even where they look like NULL. */
  readonly forceNotNull: readonly number[];
  /** Read as NULL where they look like it, in quotes too. */
  readonly forceNull: readonly number[];
}

export interface CopyBinaryFormat {
  readonly kind: "binary";
}
