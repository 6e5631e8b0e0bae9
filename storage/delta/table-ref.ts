// Which table: its place and its name in errors.

export interface TableRef {
  /** Absolute path or URL of the folder that holds `_delta_log`; no slash at the end. */
  readonly location: string;
  /** As errors name it: `schema.table`. */
  readonly name: string;
  /** Folder or URL of the lake around it: absolute file paths in the log must end inside. Undefined: nothing outside the table. */
  readonly lakeRoot: string | undefined;
}
