// Arrays in binary format, one-dimensional with lower bound 1 (PostgreSQL's array_send).

import type { DataType } from "../../../../storage/common/data-type.ts";
import { listSpan } from "./array-text.ts";
import { CellBuffer, type CellEncoder } from "./cells.ts";
import { isNull } from "./vector.ts";

/** pg_type.oid of the element types. */
const OIDS: Partial<Record<DataType["kind"], number>> = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int1: 21,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numeric: 1700,
  regclass: 2205,
  regtype: 2206,
  uuid: 2950,
  jsonb: 3802,
};

const TEXT_OID = 25;

export function typeOid(type: DataType): number {
  return OIDS[type.kind] ?? TEXT_OID;
}

export function arrayBinary(
  element: CellEncoder,
  elementOid: number,
): CellEncoder {
  const cells = new CellBuffer();
  return (vector) => {
    const [child] = vector.children;
    cells.rows(vector.count);
    if (child === undefined) return cells;
    const elements = element(child);
    for (let row = 0; row < vector.count; row++) {
      if (isNull(vector, row)) {
        cells.length[row] = -1;
        continue;
      }
      const { begin, end } = listSpan(vector, row);
      cells.begin(row);
      let hasNull = 0;
      for (let i = begin; i < end; i++) {
        if ((elements.length[i] ?? -1) < 0) hasNull = 1;
      }
      writeInt32(cells, begin === end ? 0 : 1);
      writeInt32(cells, hasNull);
      writeInt32(cells, elementOid);
      if (end > begin) {
        writeInt32(cells, end - begin);
        writeInt32(cells, 1);
      }
      for (let i = begin; i < end; i++) {
        const size = elements.length[i] ?? -1;
        writeInt32(cells, size);
        if (size > 0)
          cells.append(elements.bytes, elements.start[i] ?? 0, size);
      }
      cells.end(row);
    }
    return cells;
  };
}

function writeInt32(cells: CellBuffer, value: number): void {
  cells.ensure(4);
  cells.bytes[cells.at++] = value >>> 24;
  cells.bytes[cells.at++] = value >>> 16;
  cells.bytes[cells.at++] = value >>> 8;
  cells.bytes[cells.at++] = value;
}
