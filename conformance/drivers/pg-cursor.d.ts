// The part of pg-cursor that the tests use; the package carries no types.

declare module "pg-cursor" {
  import type { Connection, Submittable } from "pg";

  export default class Cursor<Row> implements Submittable {
    constructor(text: string, values?: readonly unknown[]);
    read(rowCount: number): Promise<Row[]>;
    close(): Promise<void>;
    submit(connection: Connection): void;
  }
}
