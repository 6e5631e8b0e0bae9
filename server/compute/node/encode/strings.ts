// The bytes of VARCHAR and BLOB values, unchanged, out of the kernel's memory.

import { bindings } from "../../../../storage/kernel/duckdb.ts";
import { NULL_CELL, type CellBuffer, type ColumnEncoder } from "./cells.ts";
import { isNull } from "./vector.ts";

/** Strings up to this length lie inside their 16-byte header, from byte 4 on. */
const INLINE = 12;
const HEADER = 16;
const PAGE = 4096;
const TWO_32 = 4_294_967_296;

/** A stretch of the kernel's memory that holds values. */
interface Stretch {
  begin: number;
  end: number;
}

/**
 * Longer values lie elsewhere in the kernel's memory, mostly one behind the other or again and again in a dictionary, and a call
 * into the kernel costs more than copying: what lies close together is read by one call. Bytes between two values are read with
 * them, which is safe while both lie on the same or on neighbouring pages.
 */
export function stringCells(): ColumnEncoder {
  /** Of the long value of each row, until its stretch is read. */
  let addresses = new Float64Array(0);
  let places = new Int32Array(0);
  return (vector, to) => {
    const { count } = vector;
    const words = new Uint32Array(
      vector.bytes.buffer,
      vector.bytes.byteOffset,
      count * 4,
    );
    if (addresses.length < count) {
      addresses = new Float64Array(count);
      places = new Int32Array(count);
    }
    const headers = to.at;
    to.append(vector.bytes, 0, count * HEADER);
    const { start, length } = to;
    const stretches: Stretch[] = [];
    let place = -1;
    for (let row = 0; row < count; row++) {
      if (isNull(vector, row)) {
        length[row] = NULL_CELL;
        continue;
      }
      const size = words[row * 4] ?? 0;
      length[row] = size;
      if (size <= INLINE) {
        start[row] = headers + row * HEADER + 4;
        continue;
      }
      const address =
        (words[row * 4 + 2] ?? 0) + (words[row * 4 + 3] ?? 0) * TWO_32;
      place = placeOf(stretches, place, address, size);
      addresses[row] = address;
      places[row] = place;
    }
    if (stretches.length === 0) return;
    const moved = stretches.map((stretch) => readStretch(stretch, to));
    // Reading may have replaced the tables.
    const starts = to.start;
    for (let row = 0; row < count; row++) {
      if ((length[row] ?? 0) > INLINE) {
        starts[row] = (addresses[row] ?? 0) + (moved[places[row] ?? 0] ?? 0);
      }
    }
  };
}

/** A value is looked for in so many of the newest stretches. */
const REMEMBERED = 16;

/** The stretch the value now belongs to: made longer, or a new one. @param last the one of the value before */
function placeOf(
  stretches: Stretch[],
  last: number,
  address: number,
  size: number,
): number {
  if (joins(stretches[last], address, size)) return last;
  const oldest = Math.max(0, stretches.length - REMEMBERED);
  for (let place = stretches.length - 1; place >= oldest; place--) {
    if (joins(stretches[place], address, size)) return place;
  }
  stretches.push({ begin: address, end: address + size });
  return stretches.length - 1;
}

function joins(
  stretch: Stretch | undefined,
  address: number,
  size: number,
): boolean {
  if (stretch === undefined) return false;
  const end = address + size;
  const { begin } = stretch;
  if (address >= begin) {
    if (end <= stretch.end) return true;
    if (pageGap(stretch.end, address) > 1) return false;
    stretch.end = end;
    return true;
  }
  if (pageGap(end, begin) > 1) return false;
  stretch.begin = address;
  stretch.end = Math.max(stretch.end, end);
  return true;
}

/** Pages from the one where something ends to the one where something else begins. */
function pageGap(end: number, begin: number): number {
  return Math.floor(begin / PAGE) - Math.floor((end - 1) / PAGE);
}

const pointer = new Uint32Array(2);

/** Copies it; gives what turns an address in it to a place in `to`. */
function readStretch({ begin, end }: Stretch, to: CellBuffer): number {
  pointer[0] = begin >>> 0;
  pointer[1] = Math.floor(begin / TWO_32);
  const size = end - begin;
  const moved = to.at - begin;
  to.append(bindings.get_data_from_pointer(pointer.buffer, 0, size), 0, size);
  return moved;
}
