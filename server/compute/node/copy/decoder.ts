// A decoder of the client's rows, whichever format they are in.

import type { Fields } from "./fields.ts";
import type { LinePlace } from "./line-reader.ts";

export interface RowDecoder {
  /** The row given last. */
  readonly fields: Fields;
  push(piece: Uint8Array): void;
  /** True when `fields` is a row; false when more bytes are needed or, at the end of input, when there are no more. Throws 22P04 and kin. */
  next(atEnd: boolean): boolean;
  /** Throws 22P04 when the row has fewer fields than it should; fields before those missing are read first. */
  checkCount(): void;
  /** Where a decoder of what `rest` gives has to go on. */
  readonly place: DecoderPlace;
  rest(): Uint8Array;
  /** `line 3`. */
  readonly lineName: string;
  /** The row as it came, for errors; undefined where it cannot be shown. */
  rowText(): string | undefined;
  /** A field's value for errors; undefined where it cannot be shown. */
  readonly showsValues: boolean;
}

export interface DecoderPlace extends LinePlace {
  /** True when the header was read. */
  readonly begun: boolean;
}
