// What the client sends -> rows of fields, whichever format it is in.

import type { CopyFormat } from "../../../../planner/logical/copy-format.ts";
import type { ClientField } from "../../fragment.ts";
import { BinaryDecoder, BINARY_START } from "./binary-decoder.ts";
import { LineDecoder, LINES_START } from "./line-decoder.ts";
import type { DecoderPlace, RowDecoder } from "./decoder.ts";

export function rowDecoder(
  format: CopyFormat,
  fields: readonly ClientField[],
  place?: DecoderPlace,
): RowDecoder {
  return format.kind === "binary"
    ? new BinaryDecoder(fields, place ?? BINARY_START)
    : new LineDecoder(format, fields, place ?? LINES_START);
}
