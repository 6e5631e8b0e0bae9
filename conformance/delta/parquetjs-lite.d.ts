// The part of parquetjs-lite that the interoperability tests use; the package has no types.

declare module "parquetjs-lite" {
  interface Field {
    readonly type: string;
    readonly optional?: boolean;
  }
  class ParquetSchema {
    constructor(fields: Readonly<Record<string, Field>>);
  }
  class ParquetWriter {
    static openFile(
      schema: ParquetSchema,
      path: string,
    ): Promise<ParquetWriter>;
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
  interface Cursor {
    next(): Promise<Record<string, unknown> | null>;
  }
  class ParquetReader {
    static openFile(path: string): Promise<ParquetReader>;
    getCursor(): Cursor;
    close(): Promise<void>;
  }
  const parquet: {
    ParquetSchema: typeof ParquetSchema;
    ParquetWriter: typeof ParquetWriter;
    ParquetReader: typeof ParquetReader;
  };
  export default parquet;
}
