// The real PostgreSQL grammar (libpg-query, WebAssembly): statement text -> its parse tree, synchronously.
// The only file of the planner that knows the package; tree-*.ts turn its tree into ours.

import type { Node, ParseResult } from "libpg-query";
import createParser, {
  type ParserModule,
} from "libpg-query/wasm/libpg-query.js";
import { invariant } from "../../storage/common/invariant.ts";
import { parserExhausted } from "./errors.ts";

// The node types that the readers of the tree use.
export type {
  InferClause,
  OnConflictClause,
  A_Const,
  A_Expr,
  A_Expr_Kind,
  A_Indirection,
  Alias,
  AlterObjectSchemaStmt,
  AlterTableCmd,
  AlterTableStmt,
  BoolExpr,
  BooleanTest,
  CaseExpr,
  CollateClause,
  ColumnDef,
  ColumnRef,
  CommentStmt,
  CommonTableExpr,
  Constraint,
  CopyStmt,
  CreateSchemaStmt,
  CreateStmt,
  CreateTableAsStmt,
  DeclareCursorStmt,
  DefElem,
  DeleteStmt,
  DropStmt,
  ExecuteStmt,
  ExplainStmt,
  FetchStmt,
  FuncCall,
  GroupingSet,
  InsertStmt,
  IntoClause,
  JoinExpr,
  MergeMatchKind,
  MergeStmt,
  MergeWhenClause,
  Node,
  NullTest,
  PrepareStmt,
  RangeFunction,
  RangeSubselect,
  RangeTableSample,
  RangeVar,
  RenameStmt,
  ResTarget,
  ReturningClause,
  SQLValueFunction,
  SelectStmt,
  SortBy,
  SubLink,
  TransactionStmt,
  TypeCast,
  TypeName,
  UpdateStmt,
  VacuumStmt,
  VariableSetStmt,
  VariableShowStmt,
  ViewStmt,
  WindowDef,
  WithClause,
} from "libpg-query";

/** What the grammar says about a text it does not accept; `offset` counts code points from 0, negative when unknown. */
export interface GrammarFailure {
  readonly kind: "failure";
  readonly message: string;
  readonly offset: number;
}
export type GrammarResult =
  { readonly kind: "tree"; readonly nodes: readonly Node[] } | GrammarFailure;

// An instance never gives memory back; one that a huge statement made this big is replaced.
const MAX_INSTANCE_BYTES = 256 * 1024 * 1024;

// Instances are costly to make (7 ms, asynchronous) and cheap to keep. The planner is synchronous, so a spare one waits:
// any failure that is not the grammar's own may leave the instance's stack pointer or memory contexts damaged.
let active: ParserModule | undefined;
let spare: ParserModule | undefined;
let loading: Promise<void> | undefined;

/** Loads the parser; must have resolved before the first parse. Further calls are free. */
export async function loadGrammar(): Promise<void> {
  while (active === undefined || spare === undefined) {
    loading ??= loadOne();
    await loading;
  }
}

async function loadOne(): Promise<void> {
  try {
    const loaded = await createParser();
    if (active === undefined) active = loaded;
    else spare = loaded;
  } finally {
    loading = undefined;
  }
}

/** Puts the spare in place of the active instance and loads the next spare behind the caller's back. */
function replaceInstance(): void {
  // Without a spare the damaged instance serves on: it takes about thirty failures to ruin one, and a spare takes 7 ms.
  if (spare !== undefined) {
    active = spare;
    spare = undefined;
  }
  // A failed load leaves the old instance in use; the next failure tries again.
  loading ??= loadOne().catch(() => undefined);
}

/** Parses one or more statements. Throws 54001 when the parser itself runs out of stack or memory. */
export function parseTree(sql: string): GrammarResult {
  const parser = active;
  invariant(parser !== undefined, "loadGrammar() was not awaited");
  try {
    return runParser(parser, sql);
  } catch (error) {
    replaceInstance();
    throw parserExhausted(error);
  } finally {
    if (parser.HEAPU8.length > MAX_INSTANCE_BYTES) replaceInstance();
  }
}

// Layout of PgQueryParseResult and PgQueryError in 32-bit words.
const RESULT = { tree: 0, error: 8 } as const;
const ERROR = { message: 0, cursor: 16 } as const;

function runParser(parser: ParserModule, sql: string): GrammarResult {
  const sizeBytes = parser.lengthBytesUTF8(sql) + 1;
  const query = parser._malloc(sizeBytes);
  parser.stringToUTF8(sql, query, sizeBytes);
  const result = parser._wasm_parse_query_raw(query);
  // Not in a finally block: after an exception the instance is thrown away, and freeing could fail again.
  const outcome = readResult(parser, result);
  parser._wasm_free_parse_result(result);
  parser._free(query);
  return outcome;
}

function readResult(parser: ParserModule, result: number): GrammarResult {
  const error = parser.getValue(result + RESULT.error, "i32");
  if (error !== 0) {
    const message = parser.getValue(error + ERROR.message, "i32");
    const cursor = parser.getValue(error + ERROR.cursor, "i32");
    return {
      kind: "failure",
      message: parser.UTF8ToString(message),
      offset: cursor - 1,
    };
  }
  const address = parser.getValue(result + RESULT.tree, "i32");
  const tree: unknown = JSON.parse(parser.UTF8ToString(address));
  invariant(isParseResult(tree), "libpg-query gave something else than a tree");
  const nodes = (tree.stmts ?? []).flatMap((raw) =>
    raw.stmt === undefined ? [] : [raw.stmt],
  );
  return { kind: "tree", nodes };
}

// The package declares the shape of its own JSON; looking deeper would mean a copy of that declaration.
function isParseResult(value: unknown): value is ParseResult {
  return typeof value === "object" && value !== null && "version" in value;
}
