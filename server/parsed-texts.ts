// Syntax trees of the texts that clients send again and again. A tree is immutable.

import { LRUCache } from "lru-cache";
import type { ParsedStatement } from "../planner/parse/ast.ts";
import { parseSql } from "../planner/parse/parse.ts";
import type { Markers } from "./session/engine.ts";

/** Bytes of statement text whose syntax trees are kept; a tree takes about twenty times its text. */
const PARSED_TEXT_BYTES = 4 * 1024 * 1024;

export class ParsedTexts {
  readonly #parsed = new LRUCache<string, readonly ParsedStatement[]>({
    maxSize: PARSED_TEXT_BYTES,
    sizeCalculation: (_trees, sql) => sql.length + 1,
  });

  /** `markers`: the text has placeholders of another kind, and is parsed anew. */
  parse(sql: string, markers?: Markers): readonly ParsedStatement[] {
    if (markers !== undefined) return parseSql(sql, markers);
    const known = this.#parsed.get(sql);
    if (known !== undefined) return known;
    const trees = parseSql(sql);
    this.#parsed.set(sql, trees);
    return trees;
  }
}
