// Arrays in binary format, one-dimensional with lower bound 1 (PostgreSQL's array_send).

import type { DataType } from "../../../../storage/common/data-type.ts";
import { elementsOf, listSpan } from "./array-text.ts";
import {
  appended,
  type CellBuffer,
  type CellEncoder,
  type ColumnEncoder,
} from "./cells.ts";

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
): ColumnEncoder {
  return appended((vector) => {
    const elements = elementsOf(vector, element);
    return (row, cells) => {
      const { begin, end } = listSpan(vector, row);
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
    };
  });
}

function writeInt32(cells: CellBuffer, value: number): void {
  cells.ensure(4);
  cells.view.setInt32(cells.at, value);
  cells.at += 4;
}
