// How a JavaScript function becomes a scalar function of the kernel: one row at a time over a chunk's vectors, NULL in, NULL out.
// An SqlError thrown inside travels through the kernel as `SQLSTATE:message` and is taken apart again in errors.ts.

import { raisedText } from "../../../../planner/functions/raised-error.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from "../../../../storage/kernel/duckdb.ts";

export interface KernelFunction {
  readonly name: string;
  readonly parameters: readonly DuckDBType[];
  readonly returns: DuckDBType;
  /** Called with NULLs too; else a NULL argument gives NULL. */
  readonly nullable?: boolean;
  readonly call: (...args: readonly DuckDBValue[]) => DuckDBValue;
}

export function register(fn: KernelFunction): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: fn.name,
    parameterTypes: fn.parameters,
    returnType: fn.returns,
    specialHandling: true,
    mainFunction: (_info, input, output) => {
      const vectors = fn.parameters.map((_, i) => input.getColumnVector(i));
      try {
        fill(fn, vectors, input.rowCount, output);
      } catch (error) {
        throw travelling(error);
      }
      output.flush();
    },
  });
}

function fill(
  fn: KernelFunction,
  vectors: readonly DuckDBVector[],
  rowCount: number,
  output: DuckDBVector,
): void {
  const args: DuckDBValue[] = vectors.map(() => null);
  for (let row = 0; row < rowCount; row++) {
    let missing = false;
    for (const [i, vector] of vectors.entries()) {
      const value = vector.getItem(row);
      args[i] = value;
      missing ||= value === null;
    }
    output.setItem(
      row,
      missing && fn.nullable !== true ? null : fn.call(...args),
    );
  }
}

/** The kernel passes on only a message. */
function travelling(error: unknown): Error {
  if (!(error instanceof SqlError)) {
    return error instanceof Error
      ? error
      : new SqlError("XX000", String(error));
  }
  return new SqlError(error.code, raisedText(error));
}
