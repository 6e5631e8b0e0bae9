// The part of parquetjs-lite that the interoperability tests use; the package has no types.

declare module "parquetjs-lite" {
  interface Field {
    readonly type: string;
    readonly optional?: boolean;
  }
  interface Writer {
    appendRow(row: Readonly<Record<string, unknown>>): Promise<void>;
    close(): Promise<void>;
  }
  interface Reader {
    getCursor(): { next(): Promise<Record<string, unknown> | null> };
    close(): Promise<void>;
  }
  const parquet: {
    readonly ParquetSchema: new (
      fields: Readonly<Record<string, Field>>,
    ) => object;
    readonly ParquetWriter: {
      openFile(schema: object, path: string): Promise<Writer>;
    };
    readonly ParquetReader: { openFile(path: string): Promise<Reader> };
  };
  export default parquet;
}
