// Every way that types and functions fail to resolve, in PostgreSQL's wording.

import type { DataType } from "../../storage/common/data-type.ts";
import { typeName } from "../../storage/common/data-type.ts";
import { SqlError } from "../../storage/common/errors.ts";

/** 42704 `type "x" does not exist`. */
export function undefinedType(name: string, position?: number): SqlError {
  return new SqlError("42704", `type "${name}" does not exist`, { position });
}

/** 42601 or 22023: a modifier that the type does not take. */
export function invalidTypeModifier(
  message: string,
  position?: number,
): SqlError {
  return new SqlError("22023", message, { position });
}

/** 42601 `type modifier is not allowed for type "x"`. */
export function modifierNotAllowed(name: string, position?: number): SqlError {
  return new SqlError(
    "42601",
    `type modifier is not allowed for type "${name}"`,
    {
      position,
    },
  );
}

const FUNCTION_HINT =
  "No function matches the given name and argument types. You might need to add explicit type casts.";
const OPERATOR_HINT =
  "No operator matches the given name and argument types. You might need to add explicit type casts.";

/** 42883 `function f(integer) does not exist`. */
export function undefinedFunction(
  name: string,
  args: readonly DataType[],
  position?: number,
  argNames: readonly (string | undefined)[] = [],
): SqlError {
  const shown = args.map((type, i) =>
    argNames[i] === undefined
      ? typeName(type)
      : `${argNames[i]} => ${typeName(type)}`,
  );
  return new SqlError(
    "42883",
    `function ${name}(${shown.join(", ")}) does not exist`,
    { hint: FUNCTION_HINT, position },
  );
}

/** 42725 `function f(unknown) is not unique`. */
export function ambiguousFunction(
  name: string,
  args: readonly DataType[],
  position?: number,
): SqlError {
  return new SqlError(
    "42725",
    `function ${name}(${args.map(typeName).join(", ")}) is not unique`,
    {
      hint: "Could not choose a best candidate function. You might need to add explicit type casts.",
      position,
    },
  );
}

/** 42883 `operator does not exist: integer + text`; a prefix operator has no left type. */
export function undefinedOperator(
  symbol: string,
  left: DataType | undefined,
  right: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42883",
    `operator does not exist: ${operatorSignature(symbol, left, right)}`,
    {
      hint:
        left === undefined
          ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
          : OPERATOR_HINT,
      position,
    },
  );
}

/** 42725 `operator is not unique: unknown + unknown`. */
export function ambiguousOperator(
  symbol: string,
  left: DataType | undefined,
  right: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42725",
    `operator is not unique: ${operatorSignature(symbol, left, right)}`,
    {
      hint: "Could not choose a best candidate operator. You might need to add explicit type casts.",
      position,
    },
  );
}

function operatorSignature(
  symbol: string,
  left: DataType | undefined,
  right: DataType,
): string {
  return left === undefined
    ? `${symbol} ${typeName(right)}`
    : `${typeName(left)} ${symbol} ${typeName(right)}`;
}

/** 42846 `cannot cast type date to integer`. */
export function cannotCast(
  from: DataType,
  to: DataType,
  position?: number,
): SqlError {
  return new SqlError(
    "42846",
    `cannot cast type ${typeName(from)} to ${typeName(to)}`,
    { position },
  );
}

/** 42804 `CASE types integer and text cannot be matched`. `construct` is UNION, CASE, ARRAY, COALESCE, VALUES, IN ... */
export function typesCannotBeMatched(
  construct: string,
  types: { readonly left: DataType; readonly right: DataType },
  position?: number,
): SqlError {
  return new SqlError(
    "42804",
    `${construct} types ${typeName(types.left)} and ${typeName(types.right)} cannot be matched`,
    { position },
  );
}
