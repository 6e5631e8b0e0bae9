// The frames a node answers with (fragment.ts): u8 kind, u32 payload length, payload; all integers big-endian.

import { malformedFragment } from "./errors.ts";
import {
  decodeRoaring64,
  encodeRoaring64,
} from "../../storage/delta/deletion-vector/roaring.ts";
import type { RowSet } from "../../storage/delta/deletion-vector/row-set.ts";
import { FRAME } from "./fragment.ts";
import type { EncodedRows } from "../session/result.ts";

export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 5;

/** Head of a frame whose payload of `size` bytes follows. */
function frameHead(kind: number, size: number, extra: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES + extra);
  head[0] = kind;
  head.writeUInt32BE(size, 1);
  return head;
}

/** Pieces to be written in order; the rows' bytes are not copied. */
export function rowsFrame(rows: EncodedRows): readonly Uint8Array[] {
  const head = frameHead(FRAME.rows, rows.bytes.length + 4, 4);
  head.writeUInt32BE(rows.rowCount, HEADER_BYTES);
  return [head, rows.bytes];
}

export function bytesFrame(
  kind: number,
  payload: Uint8Array,
): readonly Uint8Array[] {
  return [frameHead(kind, payload.length, 0), payload];
}

export function jsonFrame(kind: number, value: object): readonly Uint8Array[] {
  return bytesFrame(kind, Buffer.from(JSON.stringify(value)));
}

export function decodeRows(payload: Uint8Array): EncodedRows {
  if (payload.length < 4) throw malformedFragment("a rows frame is too short");
  return {
    rowCount: Buffer.from(payload.buffer, payload.byteOffset).readUInt32BE(0),
    bytes: payload.subarray(4),
  };
}

/** Rows of one file, by position. */
export interface FilePositions {
  readonly path: string;
  readonly rows: RowSet;
}

export function positionsFrame(file: FilePositions): readonly Uint8Array[] {
  const path = Buffer.from(file.path, "utf8");
  const rows = encodeRoaring64(file.rows);
  const size = 4 + path.length + rows.length;
  const head = frameHead(FRAME.positions, size, 4);
  head.writeUInt32BE(path.length, HEADER_BYTES);
  return [head, path, rows];
}

export function decodePositions(payload: Uint8Array): FilePositions {
  const bytes = Buffer.from(
    payload.buffer,
    payload.byteOffset,
    payload.byteLength,
  );
  const end = bytes.length < 4 ? Infinity : 4 + bytes.readUInt32BE(0);
  if (end > bytes.length)
    throw malformedFragment("a positions frame is too short");
  const path = bytes.toString("utf8", 4, end);
  return { path, rows: decodeRoaring64(bytes.subarray(end), path) };
}

/** Frames out of bytes that arrive in any pieces. */
export class FrameParser {
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** The frames that are complete with this piece, in order. */
  *push(piece: Uint8Array): Generator<Frame, void, undefined> {
    this.#pieces.push(piece);
    this.#size += piece.length;
    let frame = this.#next();
    while (frame !== undefined) {
      yield frame;
      frame = this.#next();
    }
  }

  /** False when bytes of an unfinished frame are left. */
  get empty(): boolean {
    return this.#size === 0;
  }

  #next(): Frame | undefined {
    if (this.#size < HEADER_BYTES) return undefined;
    const head = this.#front(HEADER_BYTES);
    const length = Buffer.from(head.buffer, head.byteOffset).readUInt32BE(1);
    if (this.#size < HEADER_BYTES + length) return undefined;
    const whole = this.#front(HEADER_BYTES + length);
    this.#drop(HEADER_BYTES + length);
    return { kind: whole[0] ?? 0, payload: whole.subarray(HEADER_BYTES) };
  }

  /** The first `size` bytes in one piece; joined only where they are not yet. */
  #front(size: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= size) {
      return first.subarray(0, size);
    }
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined.subarray(0, size);
  }

  #drop(size: number): void {
    const [first = new Uint8Array(0), ...rest] = this.#pieces;
    const left = first.subarray(size);
    this.#pieces = left.length === 0 ? rest : [left, ...rest];
    this.#size -= size;
  }
}
