// A text cell of a result, written under the session's settings, in binary format.

import { readValue } from "../../planner/functions/input.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { OutputSettings } from "../session/result.ts";
import { encodeBinary } from "./binary.ts";

/** Types whose text is a name that only the catalog can turn into its number: they come as numbers already. */
const SYMBOLIC: ReadonlySet<DataType["kind"]> = new Set([
  "regclass",
  "regtype",
  "record",
]);

export function encodeCell(
  type: DataType,
  text: string,
  output: OutputSettings,
): Buffer {
  const canonical = SYMBOLIC.has(type.kind)
    ? text
    : readValue(text, type, output);
  return encodeBinary(type, canonical);
}
