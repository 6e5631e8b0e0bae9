// Arrow columns of lists, maps and structs, made of columns of their elements and fields.

import {
  Field,
  List,
  makeData,
  Map_,
  Struct,
  type Data,
  type DataType as ArrowType,
} from "apache-arrow";
import { invariant } from "../../../../storage/common/invariant.ts";
import { listSpan } from "./array-text.ts";
import { validity, type ArrowColumn } from "./arrow-column.ts";
import { isNull, takeRows, type ColumnVector } from "./vector.ts";

interface Elements {
  /** Where each row's elements begin among those of all, and where the last one's end. */
  readonly offsets: Int32Array;
  /** Behind one another, in the order of their rows. */
  readonly of: (child: ColumnVector) => ColumnVector;
}

/** The kernel's rows may share elements, as those of a constant do, or leave some out. Arrow's lie one row behind the other. */
function elementsOf(vector: ColumnVector): Elements {
  const offsets = new Int32Array(vector.count + 1);
  let total = 0;
  let inOrder = true;
  for (let row = 0; row < vector.count; row++) {
    offsets[row] = total;
    if (isNull(vector, row)) continue;
    const { begin, end } = listSpan(vector, row);
    inOrder &&= begin === total || begin === end;
    total += end - begin;
  }
  offsets[vector.count] = total;
  if (inOrder) return { offsets, of: (child) => child };
  const rows = new Uint32Array(total);
  let at = 0;
  for (let row = 0; row < vector.count; row++) {
    if (isNull(vector, row)) continue;
    const { begin, end } = listSpan(vector, row);
    for (let element = begin; element < end; element++) rows[at++] = element;
  }
  return { offsets, of: (child) => takeRows(child, rows) };
}

export function listColumn(element: ArrowColumn): ArrowColumn {
  const type = new List(new Field("element", element.type, true));
  return {
    type,
    build: (vector) => {
      const [child] = vector.children;
      invariant(child !== undefined, "a list has elements");
      const elements = elementsOf(vector);
      return makeData({
        type,
        ...validity(vector),
        valueOffsets: elements.offsets,
        child: element.build(elements.of(child)),
      });
    },
  };
}

/** Arrow's own shape of a map's child. */
type MapEntries = Struct<{ key: ArrowType; value: ArrowType }>;

export function mapColumn(key: ArrowColumn, value: ArrowColumn): ArrowColumn {
  const entry: MapEntries = new Struct([
    new Field("key", key.type, false),
    new Field("value", value.type, true),
  ]);
  const type = new Map_(new Field<MapEntries>("entries", entry, false));
  return {
    type,
    build: (vector) => {
      const [keys, values] = vector.children;
      invariant(
        keys !== undefined && values !== undefined,
        "a map has entries",
      );
      const elements = elementsOf(vector);
      const ordered = elements.of(keys);
      const child: Data<Struct> = makeData({
        type: entry,
        length: ordered.count,
        nullCount: 0,
        children: [key.build(ordered), value.build(elements.of(values))],
      });
      return makeData({
        type,
        ...validity(vector),
        valueOffsets: elements.offsets,
        child,
      });
    },
  };
}

export function structColumn(
  fields: readonly { readonly name: string; readonly column: ArrowColumn }[],
): ArrowColumn {
  const type = new Struct(
    fields.map(({ name, column }) => new Field(name, column.type, true)),
  );
  return {
    type,
    build: (vector) =>
      makeData({
        type,
        ...validity(vector),
        children: fields.flatMap(({ column }, index) => {
          const child = vector.children[index];
          return child === undefined ? [] : [column.build(child)];
        }),
      }),
  };
}
