// The fields of one row as byte ranges, reused from row to row: of the line itself where it holds them as they are, else of a
// scratch piece they were unescaped into.

/** Where a row's fields lie; valid until the next row. */
export class Fields {
  readonly bytes: Uint8Array[] = [];
  readonly start: number[] = [];
  /** NULL_FIELD for NULL. */
  readonly end: number[] = [];
  count = 0;
  /** Unescaped text; `room` bytes were asked for at the row's begin. */
  scratch: Uint8Array = new Uint8Array(0);
  used = 0;

  /** Begins a row whose unescaped text takes at most `room` bytes. */
  reset(room: number): void {
    this.count = 0;
    this.used = 0;
    if (this.scratch.length < room) {
      this.scratch = new Uint8Array(Math.max(1024, room * 2));
    }
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.bytes[this.count] = bytes;
    this.start[this.count] = start;
    this.end[this.count] = end;
    this.count += 1;
  }

  addNull(): void {
    this.add(this.scratch, 0, NULL_FIELD);
  }

  /** Undefined for NULL. */
  range(place: number): Uint8Array | undefined {
    const end = this.end[place] ?? NULL_FIELD;
    return end === NULL_FIELD
      ? undefined
      : this.bytes[place]?.subarray(this.start[place], end);
  }

  text(place: number): string | null {
    const bytes = this.range(place);
    return bytes === undefined ? null : Buffer.from(bytes).toString("utf8");
  }
}

export const NULL_FIELD = -1;

/** Splits the line `bytes[start..end)`. */
export type SplitLine = (
  bytes: Uint8Array,
  start: number,
  end: number,
  to: Fields,
) => void;

export function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: Uint8Array,
): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text[i]) return false;
  }
  return true;
}
