// Where the values of a JSON document begin and end, when one may take several lines: those one after the other, and the elements of
// arrays at the top, as Spark's multiLine has it. What is not JSON is for whoever parses the value.

const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPENING: ReadonlySet<number> = new Set([0x7b, OPEN_ARRAY]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, CLOSE_ARRAY]);

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly stop: number;
}

export class JsonValues {
  #inArray = false;
  #afterValue = false;

  /**
   * The next value in the bytes from `from` up to `size`; a number is from where to look again with more bytes, or at the end, when
   * there is no value any more. An array that is not closed ends with an empty value.
   */
  next(
    bytes: Uint8Array,
    from: number,
    size: number,
    atEnd: boolean,
  ): Span | number {
    let at = from;
    while (at < size && this.#isBetween(bytes[at] ?? 0)) at += 1;
    if (at >= size) {
      if (!atEnd || !this.#inArray) return at;
      this.#inArray = false;
      return { start: size, stop: size };
    }
    const misplaced = this.#inArray && this.#afterValue;
    const stop = misplaced ? -1 : endOfValue(bytes, at, size, atEnd);
    if (stop < 0 && !atEnd) return at;
    this.#afterValue = true;
    if (stop < 0) this.#inArray = false;
    return { start: at, stop: stop < 0 ? size : stop };
  }

  /** True for what stands between values, where it may. */
  #isBetween(byte: number): boolean {
    if (BLANK.has(byte)) return true;
    if (!this.#inArray) {
      if (byte !== OPEN_ARRAY) return false;
      this.#inArray = true;
      this.#afterValue = false;
      return true;
    }
    if (byte === CLOSE_ARRAY) {
      this.#inArray = false;
      return true;
    }
    if (byte !== COMMA || !this.#afterValue) return false;
    this.#afterValue = false;
    return true;
  }
}

/** -1 when it is not there. */
function endOfValue(
  bytes: Uint8Array,
  from: number,
  size: number,
  atEnd: boolean,
): number {
  let depth = 0;
  let at = from;
  while (at < size) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = endOfString(bytes, at + 1, size);
      if (at < 0) return -1;
    } else {
      if (depth === 0 && at > from && endsScalar(byte)) return at;
      at += 1;
      if (OPENING.has(byte)) depth += 1;
      else if (CLOSING.has(byte)) depth -= 1;
      else continue;
    }
    if (depth <= 0) return at;
  }
  return atEnd && depth === 0 ? size : -1;
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || CLOSING.has(byte) || BLANK.has(byte);
}

/** Behind the closing quote; -1 when it is not there. */
function endOfString(bytes: Uint8Array, from: number, size: number): number {
  for (let at = from; at < size; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return -1;
}
