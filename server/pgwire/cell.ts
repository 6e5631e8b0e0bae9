// A text cell of a result, written under the session's settings, in binary format.

import { readInput } from "../../planner/bind/input/input.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { OutputSettings } from "../session/result.ts";
import { encodeBinary } from "./binary.ts";

export function encodeCell(
  type: DataType,
  text: string,
  output: OutputSettings,
): Buffer {
  const canonical = readInput(type, text, {
    timeZone: output.timeZone,
    dateStyle: output.dateStyle,
    now: () => undefined,
  });
  return encodeBinary(type, canonical ?? text);
}
