// A growing buffer that messages are written into: type byte, length filled in at the end, fields.

const INITIAL_BYTES = 1024;
const SHORT_TEXT = 24;

export class MessageWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #offset = 0;
  #start = 0;

  get length(): number {
    return this.#offset;
  }

  /** Opens a message of type `code`. */
  begin(code: number): this {
    this.#reserve(5);
    this.#start = this.#offset;
    this.#buffer[this.#offset] = code;
    this.#offset += 5;
    return this;
  }

  end(): void {
    this.#buffer.writeUInt32BE(this.#offset - this.#start - 1, this.#start + 1);
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#buffer[this.#offset] = value;
    this.#offset += 1;
    return this;
  }

  int16(value: number): this {
    this.#reserve(2);
    this.#buffer.writeInt16BE(value, this.#offset);
    this.#offset += 2;
    return this;
  }

  /** For counts, which may pass 32,767. */
  uint16(value: number): this {
    this.#reserve(2);
    this.#buffer.writeUInt16BE(value, this.#offset);
    this.#offset += 2;
    return this;
  }

  int32(value: number): this {
    this.#reserve(4);
    this.#buffer.writeInt32BE(value, this.#offset);
    this.#offset += 4;
    return this;
  }

  uint32(value: number): this {
    this.#reserve(4);
    this.#buffer.writeUInt32BE(value, this.#offset);
    this.#offset += 4;
    return this;
  }

  /** Text without terminator. */
  text(value: string): this {
    // Three bytes are the most a UTF-16 unit takes.
    this.#reserve(value.length * 3);
    this.#offset += this.#write(value, this.#offset);
    return this;
  }

  /** Text and a NUL; a NUL inside would end it early for the client, so it is shown as a replacement character. */
  string(value: string): this {
    const safe = value.includes("\0")
      ? value.replaceAll("\0", "\ufffd")
      : value;
    return this.text(safe).byte(0);
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.byteLength);
    this.#buffer.set(value, this.#offset);
    this.#offset += value.byteLength;
    return this;
  }

  /** Length word and UTF-8 text, as in DataRow. */
  sizedText(value: string): this {
    this.#reserve(4 + value.length * 3);
    const size = this.#write(value, this.#offset + 4);
    this.#buffer.writeInt32BE(size, this.#offset);
    this.#offset += 4 + size;
    return this;
  }

  /** What was written since the last call. The caller owns it: the writer goes on in other memory. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#offset);
    this.#buffer = this.#buffer.subarray(this.#offset);
    this.#offset = 0;
    return taken;
  }

  /** UTF-8 at `offset`, where there is room; gives its bytes. Leaving JavaScript takes longer than a few characters do. */
  #write(value: string, offset: number): number {
    const { length } = value;
    if (length > SHORT_TEXT) return this.#buffer.write(value, offset, "utf8");
    const buffer = this.#buffer;
    for (let at = 0; at < length; at += 1) {
      const code = value.charCodeAt(at);
      if (code > 0x7f) return buffer.write(value, offset, "utf8");
      buffer[offset + at] = code;
    }
    return length;
  }

  #reserve(size: number): void {
    const needed = this.#offset + size;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed * 2, INITIAL_BYTES));
    this.#buffer.copy(grown, 0, 0, this.#offset);
    this.#buffer = grown;
  }
}
