// How encoded rows become the bodies of chunks (http-api section 4.8): each body stands for itself, as a link gives it. One table of the
// API's formats; the gateway only puts pieces together, and looks into rows where a limit cuts a batch.

import type {
  EncodedRows,
  OutputColumn,
  ResultFormat,
} from "../../session/result.ts";
import { arrowChunks } from "./arrow-chunks.ts";
import { csvChunks } from "./csv-chunks.ts";
import { jsonChunks } from "./json-chunks.ts";

export type ApiFormat = "JSON_ARRAY" | "ARROW_STREAM" | "CSV";

/** Where a batch of rows comes to lie. */
export type Place = "opens-result" | "opens-chunk" | "continues-chunk";

export type TextRow = readonly (string | null)[];

export interface ChunkFormat {
  readonly encoding: Extract<ResultFormat["kind"], "json" | "csv" | "arrow">;
  readonly contentType: string;
  /** What a chunk holds of a batch, in order; the batch's memory is not copied. */
  readonly pieces: (
    rows: EncodedRows,
    place: Place,
    columns: readonly OutputColumn[],
  ) => readonly Uint8Array[];
  /** Behind a chunk's last batch. */
  readonly end: Uint8Array;
  /** The first `count` rows of a batch, fewer than it has and at least one. */
  readonly firstRows: (
    rows: EncodedRows,
    count: number,
  ) => EncodedRows | Promise<EncodedRows>;
  /** Rows the gateway made itself, at least one. */
  readonly fromText: (
    rows: readonly TextRow[],
    columns: readonly OutputColumn[],
  ) => EncodedRows | Promise<EncodedRows>;
}

export const CHUNK_FORMATS: Readonly<Record<ApiFormat, ChunkFormat>> = {
  JSON_ARRAY: jsonChunks,
  CSV: csvChunks,
  ARROW_STREAM: arrowChunks,
};
