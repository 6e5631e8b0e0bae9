// The values of a Bind message, checked against the statement they are for.

import { readValue } from "../../planner/functions/input.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { OutputSettings } from "../session/result.ts";
import { decodeBinary } from "./binary.ts";
import {
  invalidBinaryParameter,
  parameterCountMismatch,
  parameterFormatMismatch,
} from "./errors.ts";
import type { BindMessage } from "./messages.ts";
import { decodeText } from "./utf8.ts";

export interface BindSettings {
  readonly output: OutputSettings;
  /** The transaction's start, microseconds since 1970: what `now` and `today` mean in a parameter. */
  readonly nowMicros: () => bigint;
}

const NONE: readonly Scalar[] = [];
const RELATIVE = /now|today|tomorrow|yesterday/i;

/** Throws 08P01, 22P02, 22P03, 22007, 22008, 22021. */
export function bindParameters(
  message: BindMessage,
  types: readonly DataType[],
  settings: BindSettings,
): readonly Scalar[] {
  const { parameters, parameterFormats: formats } = message;
  if (formats.length > 1 && formats.length !== parameters.length) {
    throw parameterFormatMismatch(formats.length, parameters.length);
  }
  if (parameters.length !== types.length) {
    throw parameterCountMismatch(
      parameters.length,
      message.statement,
      types.length,
    );
  }
  if (types.length === 0) return NONE;
  return types.map((type, index) => {
    const bytes = parameters[index] ?? null;
    if (bytes === null) return { type, text: null };
    const format = formats.length === 1 ? formats[0] : formats[index];
    const text =
      format === "binary"
        ? binaryParameter(type, bytes, index + 1)
        : textParameter(type, decodeText(bytes), settings);
    return { type, text };
  });
}

function binaryParameter(
  type: DataType,
  bytes: Buffer,
  number: number,
): string {
  let text: string | undefined;
  try {
    text = decodeBinary(type, bytes);
  } catch (error) {
    // Reading past the end is a fault of the value here, not of the message.
    if (!(error instanceof SqlError) || error.code !== "08P01") throw error;
  }
  if (text === undefined) throw invalidBinaryParameter(number);
  return text;
}

function textParameter(
  type: DataType,
  text: string,
  { output, nowMicros }: BindSettings,
): string {
  const relative = RELATIVE.test(text);
  return readValue(text, type, {
    timeZone: output.timeZone,
    dateStyle: output.dateStyle,
    nowMicros: relative ? nowMicros() : undefined,
  });
}
