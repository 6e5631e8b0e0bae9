// The factory behind the libpg-query package, which its own typings do not show: grammar.ts needs more than one instance.
declare module "libpg-query/wasm/libpg-query.js" {
  /** One instance of the parser with its own memory. Strings cross as zero-terminated UTF-8 at byte addresses. */
  export interface ParserModule {
    readonly HEAPU8: Uint8Array;
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, address: number, sizeBytes: number): void;
    UTF8ToString(address: number): string;
    getValue(address: number, type: "i32"): number;
    _malloc(sizeBytes: number): number;
    _free(address: number): void;
    _wasm_parse_query_raw(queryAddress: number): number;
    _wasm_free_parse_result(resultAddress: number): void;
  }
  export default function createParser(): Promise<ParserModule>;
}
