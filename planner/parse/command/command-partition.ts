// `ALTER TABLE t ADD | DROP PARTITION (…)` and `CREATE TABLE t SHALLOW | DEEP CLONE s`: Spark's, on tables as wholes.

import type { Identifier, Statement } from "../ast.ts";
import {
  peek,
  readIdentifier,
  readList,
  readName,
  takeIfExists,
  takeOneOf,
  takeSymbol,
  takeWords,
  tryName,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { isOperator, isSymbol } from "../token.ts";

/** At the word behind ALTER; undefined when it alters something else. */
export function readPartitionChange(
  c: Cursor,
  start: number,
): Statement | undefined {
  if (!takeWords(c, "table")) return undefined;
  const table = tryName(c);
  if (table === undefined) return undefined;
  if (takeWords(c, "drop")) {
    takeIfExists(c);
    return takeWords(c, "partition")
      ? {
          kind: "unsupported",
          construct: "ALTER TABLE DROP PARTITION is",
          tables: [table],
          needs: ["MODIFY"],
          position: start,
        }
      : undefined;
  }
  if (!takeWords(c, "add")) return undefined;
  takeWords(c, "if not exists");
  if (!takeWords(c, "partition")) return undefined;
  return {
    kind: "add-partition",
    table,
    columns: readPartitionColumns(c),
    position: start,
  };
}

/** `(c = value, …)`, several times; what the values are is of no consequence. */
function readPartitionColumns(c: Cursor): readonly Identifier[] {
  const columns: Identifier[] = [];
  do {
    if (!takeSymbol(c, "(")) throw unexpectedToken(c);
    columns.push(...readList(c, readPartitionColumn));
    if (!takeSymbol(c, ")")) throw unexpectedToken(c);
    takeWords(c, "partition");
  } while (peek(c) !== undefined);
  return columns;
}

function readPartitionColumn(c: Cursor): Identifier {
  const column = readIdentifier(c);
  if (!isOperator(peek(c), "=")) throw unexpectedToken(c);
  c.next += 1;
  while (!isSymbol(peek(c), ",") && !isSymbol(peek(c), ")")) {
    if (peek(c) === undefined) throw unexpectedToken(c);
    c.next += 1;
  }
  return column;
}

/** At the word behind CREATE; undefined when it makes no clone. */
export function readClone(c: Cursor, start: number): Statement | undefined {
  takeWords(c, "or replace");
  if (!takeWords(c, "table")) return undefined;
  takeWords(c, "if not exists");
  const creates = tryName(c);
  if (creates === undefined) return undefined;
  takeOneOf(c, ["shallow", "deep"]);
  if (!takeWords(c, "clone")) return undefined;
  return {
    kind: "unsupported",
    construct: "CLONE is",
    tables: [readName(c)],
    needs: ["SELECT"],
    creates,
    position: start,
  };
}
