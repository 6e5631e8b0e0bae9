// Bytes that have come and are not yet used up, in one piece that grows and is used again.

const FIRST_BYTES = 64 * 1024;

/** In UTF-8. */
const BYTE_ORDER_MARK = 0xefbbbf;
const MARK_BYTES = 3;

export class InputBuffer {
  bytes: Buffer = Buffer.alloc(0);
  /** Where what is left begins. */
  start = 0;
  size = 0;

  /** Appends a piece; gives by how much everything before it moved towards the front. */
  push(piece: Uint8Array): number {
    const left = this.size - this.start;
    const moved = this.start;
    if (this.bytes.length < this.size + piece.length) {
      const needed = left + piece.length;
      const target =
        this.bytes.length >= needed
          ? this.bytes
          : Buffer.allocUnsafe(Math.max(FIRST_BYTES, needed * 2));
      this.bytes.copy(target, 0, this.start, this.size);
      this.bytes = target;
      this.start = 0;
      this.size = left;
    }
    this.bytes.set(piece, this.size);
    this.size += piece.length;
    return moved - this.start;
  }

  /** A byte order mark is no part of the first value. False when too few bytes have come to tell. */
  skipMark(atEnd: boolean): boolean {
    const left = this.size - this.start;
    if (left < MARK_BYTES) return atEnd;
    if (this.bytes.readUIntBE(this.start, MARK_BYTES) === BYTE_ORDER_MARK)
      this.start += MARK_BYTES;
    return true;
  }

  /** A copy of what is left. */
  rest(): Uint8Array {
    return Uint8Array.from(this.bytes.subarray(this.start, this.size));
  }
}
