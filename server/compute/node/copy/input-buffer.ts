// Bytes that have come and are not yet used up, in one piece that grows and is used again.

const FIRST_BYTES = 64 * 1024;

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

  /** A copy of what is left. */
  rest(): Uint8Array {
    return Uint8Array.from(this.bytes.subarray(this.start, this.size));
  }
}
