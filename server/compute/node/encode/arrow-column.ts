// What every kind of Arrow column is made by: its type, and a function from the kernel's vector to Arrow's memory.

import type { Data, DataType as ArrowType } from "apache-arrow";
import { isNull, type ColumnVector } from "./vector.ts";

export interface ArrowColumn {
  readonly type: ArrowType;
  readonly build: (vector: ColumnVector) => Data;
}

export interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | null;
}

export function validity(vector: ColumnVector): Validity {
  if (vector.valid === undefined) {
    return { length: vector.count, nullCount: 0, nullBitmap: null };
  }
  let nullCount = 0;
  for (let row = 0; row < vector.count; row++)
    if (isNull(vector, row)) nullCount++;
  return { length: vector.count, nullCount, nullBitmap: vector.valid.slice() };
}
