// Variants, which lie in the kernel as BLOBs, as jsonb's text.

import { printJson } from "../../../../planner/functions/value/json.ts";
import { variantJson } from "../variant/value.ts";
import { appended, cellsOf, type ColumnEncoder } from "./cells.ts";
import { stringCells } from "./strings.ts";

export function variantText(): ColumnEncoder {
  const read = cellsOf(stringCells());
  return appended((vector) => {
    const raw = read(vector);
    return (row, to) => {
      const from = raw.start[row] ?? 0;
      const bytes = raw.bytes.subarray(from, from + (raw.length[row] ?? 0));
      const text = Buffer.from(printJson(variantJson(bytes)));
      to.append(text, 0, text.length);
    };
  });
}
