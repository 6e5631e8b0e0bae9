// Arrow columns of numbers, dates and times: the kernel's memory has Arrow's layout, but for decimals of fewer bytes.

import {
  DateDay,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  TimestampMicrosecond,
  type Data,
  type DataType as ArrowType,
} from "apache-arrow";
import type { DataType } from "../../../../storage/common/data-type.ts";
import {
  DuckDBTypeId,
  type DuckDBType,
} from "../../../../storage/kernel/duckdb.ts";
import { noInfinityInArrow } from "../../errors.ts";
import { validity, type ArrowColumn, type Validity } from "./arrow-column.ts";

/** Types whose kernel storage is Arrow's storage. */
export function fixedColumn(
  kernel: DuckDBType,
  type: DataType,
): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.TINYINT:
      return fixed(new Int8(), (rest, bytes) =>
        makeData({ type: new Int8(), ...rest, data: new Int8Array(bytes) }),
      );
    case DuckDBTypeId.SMALLINT:
      return fixed(new Int16(), (rest, bytes) =>
        makeData({ type: new Int16(), ...rest, data: new Int16Array(bytes) }),
      );
    case DuckDBTypeId.INTEGER:
      return fixed(new Int32(), (rest, bytes) =>
        makeData({ type: new Int32(), ...rest, data: new Int32Array(bytes) }),
      );
    case DuckDBTypeId.BIGINT:
      return fixed(new Int64(), (rest, bytes) =>
        makeData({
          type: new Int64(),
          ...rest,
          data: new BigInt64Array(bytes),
        }),
      );
    case DuckDBTypeId.FLOAT:
      return fixed(new Float32(), (rest, bytes) =>
        makeData({
          type: new Float32(),
          ...rest,
          data: new Float32Array(bytes),
        }),
      );
    case DuckDBTypeId.DOUBLE:
      return fixed(new Float64(), (rest, bytes) =>
        makeData({
          type: new Float64(),
          ...rest,
          data: new Float64Array(bytes),
        }),
      );
    default:
      return timeColumn(kernel) ?? decimalOf(kernel, type);
  }
}

function timeColumn(kernel: DuckDBType): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.DATE:
      return fixed(new DateDay(), (rest, bytes) => {
        const data = new Int32Array(bytes);
        refuseInfinity(data, rest, LAST_DAY);
        return makeData({ type: new DateDay(), ...rest, data });
      });
    case DuckDBTypeId.TIMESTAMP:
      return timestampColumn(new TimestampMicrosecond(null));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return timestampColumn(new TimestampMicrosecond("UTC"));
    default:
      return undefined;
  }
}

function decimalOf(
  kernel: DuckDBType,
  type: DataType,
): ArrowColumn | undefined {
  switch (kernel.typeId) {
    case DuckDBTypeId.HUGEINT:
      return type.kind === "numeric" ? decimalColumn(38, 0, 16) : undefined;
    case DuckDBTypeId.DECIMAL: {
      const width =
        kernel.width <= 4
          ? 2
          : kernel.width <= 9
            ? 4
            : kernel.width <= 18
              ? 8
              : 16;
      return decimalColumn(kernel.width, kernel.scale, width);
    }
    default:
      return undefined;
  }
}

/** The memory is copied: Arrow wants it aligned and the chunk goes away. */
function fixed(
  type: ArrowType,
  make: (rest: Validity, bytes: ArrayBuffer) => Data,
): ArrowColumn {
  return {
    type,
    build: (vector) => make(validity(vector), copyOf(vector.bytes)),
  };
}

function timestampColumn(type: TimestampMicrosecond): ArrowColumn {
  return fixed(type, (rest, bytes) => {
    const data = new BigInt64Array(bytes);
    refuseInfinity(data, rest, LAST_MICROSECOND);
    return makeData({ type, ...rest, data });
  });
}

/** What the kernel writes for infinity; its negative is the other one. */
const LAST_DAY = 2 ** 31 - 1;
const LAST_MICROSECOND = 2n ** 63n - 1n;

/** Throws 22008. */
function refuseInfinity(
  values: ArrayLike<number | bigint>,
  { length, nullBitmap }: Validity,
  last: number | bigint,
): void {
  for (let row = 0; row < length; row++) {
    const value = values[row];
    if (value !== last && value !== -last) continue;
    const byte = nullBitmap?.[row >> 3] ?? 0xff;
    if ((byte & (1 << (row & 7))) !== 0) throw noInfinityInArrow();
  }
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}

/** Sign-extends 2, 4 and 8 byte storage to Arrow's 16. */
function decimalColumn(
  precision: number,
  scale: number,
  width: number,
): ArrowColumn {
  const type = new Decimal(scale, precision, 128);
  return {
    type,
    build: (vector) => {
      const words = new Uint32Array(vector.count * 4);
      const view = new DataView(
        vector.bytes.buffer,
        vector.bytes.byteOffset,
        vector.bytes.length,
      );
      for (let row = 0; row < vector.count; row++) {
        const sign = (view.getInt8(row * width + width - 1) >> 7) >>> 0;
        const at = row * 4;
        words.fill(sign, at, at + 4);
        if (width === 2) words[at] = view.getInt16(row * 2, true);
        for (let word = 0; word * 4 < width && width > 2; word++) {
          words[at + word] = view.getUint32(row * width + word * 4, true);
        }
      }
      return makeData({ type, ...validity(vector), data: words });
    },
  };
}
