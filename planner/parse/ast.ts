/* eslint-disable max-lines -- one union, read like a list */
// The syntax tree: SQL as written, before any name is looked up. grammar.ts (libpg-query) and command.ts (ours) both build it.
// Positions count characters (code points) from 1 in the text the user sent.

export interface Node {
  readonly position: number;
}

/** One name part. `quoted` decides whether the case-insensitive fallback of `contract.md` section 3 applies. */
export interface Identifier extends Node {
  /** Unquoted names are already folded to lower case. */
  readonly name: string;
  readonly quoted: boolean;
}

/** One to three parts (columns up to four): catalog, schema, relation, column. */
export interface QualifiedName extends Node {
  readonly parts: readonly Identifier[];
}

// ---------------------------------------------------------------- expressions

export type Expr =
  | LiteralExpr
  | ParameterExpr
  | ColumnExpr
  | StarExpr
  | CallExpr
  | OperatorExpr
  | LogicExpr
  | IsExpr
  | DistinctFromExpr
  | BetweenExpr
  | InListExpr
  | SubqueryExpr
  | QuantifiedExpr
  | LikeExpr
  | CaseExpr
  | CastExpr
  | ArrayExpr
  | RowExpr
  | SubscriptExpr
  | FieldExpr
  | CollateExpr
  | AtTimeZoneExpr
  | KeywordExpr
  | GroupingExpr;

export interface LiteralExpr extends Node {
  readonly kind: "literal";
  readonly value: LiteralValue;
}
export type LiteralValue =
  /** Integer digits that fit int8 or not: the binder picks int4, int8 or numeric. */
  | { readonly kind: "integer"; readonly text: string }
  /** Digits with a point or exponent: numeric. */
  | { readonly kind: "decimal"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "bit-string"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

/** `$1`: from 1. HTTP's `:name` and `?` markers become these in dialect.ts. */
export interface ParameterExpr extends Node {
  readonly kind: "parameter";
  readonly index: number;
}
/** `c`, `t.c`, `s.t.c`, `cat.s.t.c`, or the start of a struct path: the binder decides. */
export interface ColumnExpr extends Node {
  readonly kind: "column";
  readonly name: QualifiedName;
}
/** `*` or `t.*`; only in select lists, `count(*)` is a CallExpr with `star`. */
export interface StarExpr extends Node {
  readonly kind: "star";
  readonly qualifier?: QualifiedName;
}
export interface CallExpr extends Node {
  readonly kind: "call";
  readonly name: QualifiedName;
  readonly args: readonly CallArgument[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly variadic: boolean;
  /** `agg(x ORDER BY y)`. */
  readonly orderBy: readonly SortItem[];
  /** `WITHIN GROUP (ORDER BY …)`. */
  readonly withinGroup: readonly SortItem[];
  readonly filter?: Expr;
  readonly over?: WindowSpec | Identifier;
  readonly nulls?: "ignore" | "respect";
}
export interface CallArgument {
  /** `name => value`. */
  readonly name?: string;
  readonly value: Expr;
}
/** Binary when `left` is there, else prefix. `schema` for `OPERATOR(pg_catalog.+)`. */
export interface OperatorExpr extends Node {
  readonly kind: "operator";
  readonly operator: string;
  readonly schema?: string;
  readonly left?: Expr;
  readonly right: Expr;
}
/** AND and OR are flat lists of two or more operands; NOT has one. */
export interface LogicExpr extends Node {
  readonly kind: "logic";
  readonly operator: "and" | "or" | "not";
  readonly operands: readonly Expr[];
}
export interface IsExpr extends Node {
  readonly kind: "is";
  readonly operand: Expr;
  readonly test: "null" | "true" | "false" | "unknown";
  readonly negated: boolean;
}
export interface DistinctFromExpr extends Node {
  readonly kind: "distinct-from";
  readonly left: Expr;
  readonly right: Expr;
  readonly negated: boolean;
}
export interface BetweenExpr extends Node {
  readonly kind: "between";
  readonly operand: Expr;
  readonly low: Expr;
  readonly high: Expr;
  readonly negated: boolean;
  readonly symmetric: boolean;
}
export interface InListExpr extends Node {
  readonly kind: "in-list";
  readonly operand: Expr;
  readonly items: readonly Expr[];
  readonly negated: boolean;
}
export interface SubqueryExpr extends Node {
  readonly kind: "subquery";
  /** `array` is `ARRAY(SELECT …)`. */
  readonly form: "scalar" | "exists" | "array";
  readonly query: Query;
}
/** `x op ANY|ALL (subquery or array)`; `x IN (subquery)` is `= ANY`, `NOT IN` is `<> ALL`. */
export interface QuantifiedExpr extends Node {
  readonly kind: "quantified";
  readonly operand: Expr;
  readonly operator: string;
  readonly quantifier: "any" | "all";
  readonly source:
    | { readonly kind: "query"; readonly query: Query }
    | { readonly kind: "array"; readonly array: Expr };
}
export interface LikeExpr extends Node {
  readonly kind: "like";
  readonly operator: "like" | "ilike" | "similar";
  readonly operand: Expr;
  readonly pattern: Expr;
  readonly escape?: Expr;
  readonly negated: boolean;
}
export interface CaseExpr extends Node {
  readonly kind: "case";
  readonly operand?: Expr;
  readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
  readonly otherwise?: Expr;
}
export interface CastExpr extends Node {
  readonly kind: "cast";
  readonly operand: Expr;
  readonly type: TypeName;
  /** TRY_CAST and Databricks' `try_cast`: NULL instead of an error. */
  readonly attempt: boolean;
}
export interface ArrayExpr extends Node {
  readonly kind: "array";
  readonly items: readonly Expr[];
}
export interface RowExpr extends Node {
  readonly kind: "row";
  readonly items: readonly Expr[];
}
export interface SubscriptExpr extends Node {
  readonly kind: "subscript";
  readonly operand: Expr;
  /** `[i]` has `index`; `[l:u]` has `slice` with either bound optional. */
  readonly index?: Expr;
  readonly slice?: { readonly lower?: Expr; readonly upper?: Expr };
}
/** `(expr).field`, or `(expr).*` with field `*`. */
export interface FieldExpr extends Node {
  readonly kind: "field";
  readonly operand: Expr;
  readonly field: Identifier;
}
export interface CollateExpr extends Node {
  readonly kind: "collate";
  readonly operand: Expr;
  readonly collation: QualifiedName;
}
export interface AtTimeZoneExpr extends Node {
  readonly kind: "at-time-zone";
  readonly operand: Expr;
  readonly zone: Expr;
}
/**
 * CURRENT_DATE and friends, written without parentheses: lower case, `current_date`, `localtimestamp`, `current_user` …; and
 * `merge_action`, which has them.
 */
export interface KeywordExpr extends Node {
  readonly kind: "keyword";
  readonly keyword: string;
  readonly precision?: number;
}
export interface GroupingExpr extends Node {
  readonly kind: "grouping";
  readonly args: readonly Expr[];
}

export interface TypeName extends Node {
  /** Lower case unless quoted; without schema `pg_catalog`. Aliases (`int`, `float8`, `string`) are not resolved here. */
  readonly name: string;
  readonly schema?: string;
  readonly modifiers: readonly number[];
  /** Number of `[]` after the name. */
  readonly arrayDepth: number;
  /** `array<…>`, `map<…>`: their type arguments; `struct<…>`: fields. */
  readonly arguments: readonly TypeName[];
  readonly fields: readonly {
    readonly name: string;
    readonly type: TypeName;
    /** Only present, and false, for `a: int NOT NULL`. */
    readonly nullable?: boolean;
    readonly comment?: string;
  }[];
  /** `interval day to second`: the field words, lower case. */
  readonly intervalFields?: string;
}

export interface SortItem {
  readonly value: Expr;
  readonly descending: boolean;
  /** Undefined: PostgreSQL's default, last when ascending, first when descending. */
  readonly nulls?: "first" | "last";
}

export interface WindowSpec extends Node {
  readonly kind: "window";
  readonly base?: Identifier;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortItem[];
  readonly frame?: WindowFrame;
}
export interface WindowFrame {
  readonly unit: "rows" | "range" | "groups";
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude?: "current-row" | "group" | "ties";
}
export type FrameBound =
  | {
      readonly kind:
        "unbounded-preceding" | "unbounded-following" | "current-row";
    }
  | { readonly kind: "preceding" | "following"; readonly offset: Expr };

// ---------------------------------------------------------------- queries

/** A full SELECT, with what applies to the whole: WITH, ORDER BY, LIMIT. */
export interface Query extends Node {
  readonly kind: "query";
  readonly with?: WithClause;
  readonly body: QueryBody;
  readonly orderBy: readonly SortItem[];
  readonly limit?: Expr;
  readonly offset?: Expr;
  readonly withTies: boolean;
  /** FOR UPDATE and friends, as written: refused by the binder. */
  readonly locking?: string;
}
export type QueryBody = Select | SetOperation | Values | Query;

export interface WithClause extends Node {
  readonly recursive: boolean;
  readonly items: readonly CommonTable[];
}
export interface CommonTable extends Node {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  /** A data-modifying statement here is refused by the binder (0A000). */
  readonly query: Query | Statement;
  readonly materialized?: boolean;
}

export interface Select extends Node {
  readonly kind: "select";
  readonly distinct: false | true | readonly Expr[];
  readonly items: readonly SelectItem[];
  readonly from: readonly FromItem[];
  readonly where?: Expr;
  readonly groupBy: readonly GroupItem[];
  readonly groupDistinct: boolean;
  readonly having?: Expr;
  readonly windows: readonly {
    readonly name: Identifier;
    readonly spec: WindowSpec;
  }[];
  readonly qualify?: Expr;
}
export interface SelectItem extends Node {
  readonly value: Expr;
  readonly alias?: Identifier;
}
export type GroupItem =
  | { readonly kind: "expression"; readonly value: Expr }
  | {
      readonly kind: "rollup" | "cube";
      readonly sets: readonly (readonly Expr[])[];
    }
  | { readonly kind: "sets"; readonly items: readonly GroupItem[] }
  /** `()` or `(a, b)` inside GROUPING SETS. */
  | { readonly kind: "set"; readonly items: readonly Expr[] };

export interface SetOperation extends Node {
  readonly kind: "set-operation";
  readonly operator: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}
/** A DEFAULT item is KeywordExpr `default`. */
export interface Values extends Node {
  readonly kind: "values";
  readonly rows: readonly (readonly Expr[])[];
}

export type FromItem =
  TableFrom | SubqueryFrom | FunctionFrom | PathFrom | JoinFrom;

export interface TableFrom extends Node {
  readonly kind: "table";
  readonly name: QualifiedName;
  readonly alias?: TableAlias;
  readonly travel?: TimeTravel;
  readonly sample?: TableSample;
}
export type TimeTravel =
  | { readonly kind: "version"; readonly value: Expr }
  | { readonly kind: "timestamp"; readonly value: Expr };
export interface TableSample extends Node {
  readonly method: string;
  readonly args: readonly Expr[];
  readonly repeatable?: Expr;
}
export interface SubqueryFrom extends Node {
  readonly kind: "subquery";
  readonly query: Query;
  readonly lateral: boolean;
  readonly alias?: TableAlias;
}
/** One function, or several in ROWS FROM. Also `table_changes(…)`, `read_files(…)`, `unnest(…)`. */
export interface FunctionFrom extends Node {
  readonly kind: "function";
  readonly calls: readonly CallExpr[];
  readonly lateral: boolean;
  readonly ordinality: boolean;
  readonly alias?: TableAlias;
  /** `AS t(a int, b text)`. */
  readonly columnTypes: readonly {
    readonly name: Identifier;
    readonly type: TypeName;
  }[];
}
/** ``delta.`path` ``, ``parquet.`path` ``, ``csv.`path` ``, ``json.`path` ``; and the files of COPY INTO. */
export interface PathFrom extends Node {
  readonly kind: "path";
  /** Undefined: the files of COPY INTO, which says for itself how they are read. */
  readonly format: "delta" | "parquet" | "csv" | "json" | undefined;
  readonly path: string;
  readonly alias?: TableAlias;
  readonly travel?: TimeTravel;
}
export interface JoinFrom extends Node {
  readonly kind: "join";
  readonly type: "inner" | "left" | "right" | "full" | "cross";
  readonly left: FromItem;
  readonly right: FromItem;
  readonly natural: boolean;
  readonly on?: Expr;
  readonly using?: readonly Identifier[];
  /** Alias of the USING columns (`USING (a) AS j`) or of a parenthesised join. */
  readonly alias?: TableAlias;
  /** Present for the former, which hides neither side's names. */
  readonly aliasOf?: "using";
}
export interface TableAlias extends Node {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
}

// ---------------------------------------------------------------- statements

export type Statement =
  | QueryStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | MergeStatement
  | CopyStatement
  | CopyIntoStatement
  | CreateTableStatement
  | CreateTableAsStatement
  | CreateSchemaStatement
  | CreateViewStatement
  | CreateFunctionStatement
  | DropStatement
  | TruncateStatement
  | AlterStatement
  | CommentStatement
  | ExplainStatement
  | DescribeStatement
  | ShowStatement
  | UseStatement
  | SetStatement
  | ResetStatement
  | TransactionStatement
  | PrepareStatement
  | ExecuteStatement
  | DeallocateStatement
  | DeclareCursorStatement
  | FetchStatement
  | CloseStatement
  | DiscardStatement
  | ListenStatement
  | LockStatement
  | GrantStatement
  | ShowGrantsStatement
  | RepairPrivilegesStatement
  | OwnerStatement
  | GroupStatement
  | UserStatement
  | TokenStatement
  | RefreshCatalogStatement
  | RefreshTableStatement
  | CancelQueryStatement
  | AnalyzeStatement
  | OptimizeStatement
  | VacuumStatement
  | AddPartitionStatement
  | RestoreStatement
  | UnsupportedStatement;

export interface QueryStatement extends Node {
  readonly kind: "select";
  readonly query: Query;
}
export interface InsertStatement extends Node {
  readonly kind: "insert";
  readonly table: QualifiedName;
  readonly alias?: Identifier;
  readonly columns: readonly Identifier[];
  /** Undefined is DEFAULT VALUES. */
  readonly source?: Query;
  readonly overwrite: boolean;
  /** `PARTITION (a = 1, b)`: columns of the partition, some with the value of all rows. */
  readonly partition: readonly PartitionColumn[];
  /** `REPLACE WHERE c`: the rows that the new ones replace, which must satisfy it too. */
  readonly replaceWhere?: Expr;
  /** The source's columns go to the target's of the same names. */
  readonly byName: boolean;
  /** WITH SCHEMA EVOLUTION. */
  readonly evolves: boolean;
  readonly onConflict?: OnConflict;
  readonly returning: readonly SelectItem[];
  readonly with?: WithClause;
}
export interface OnConflict extends Node {
  /** The key in question; absent: any. */
  readonly target?:
    | { readonly kind: "columns"; readonly columns: readonly Identifier[] }
    | { readonly kind: "constraint"; readonly name: Identifier };
  /** Absent: DO NOTHING. */
  readonly update?: {
    readonly assignments: readonly Assignment[];
    readonly where?: Expr;
  };
}
export interface PartitionColumn {
  readonly column: Identifier;
  /** Undefined: each row gives its own. */
  readonly value?: Expr;
}
export interface UpdateStatement extends Node {
  readonly kind: "update";
  readonly table: QualifiedName;
  readonly alias?: TableAlias;
  readonly assignments: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where?: Expr;
  readonly returning: readonly SelectItem[];
  readonly with?: WithClause;
}
/** `c = v`; or `listed`: `(c, d) = (v, w)`, `(c, d) = (SELECT …)`, whose value is a row or a subquery. */
export interface Assignment extends Node {
  readonly columns: readonly QualifiedName[];
  readonly listed: boolean;
  readonly value: Expr;
}
export interface DeleteStatement extends Node {
  readonly kind: "delete";
  readonly table: QualifiedName;
  readonly alias?: TableAlias;
  readonly using: readonly FromItem[];
  readonly where?: Expr;
  readonly returning: readonly SelectItem[];
  readonly with?: WithClause;
}
export interface MergeStatement extends Node {
  readonly kind: "merge";
  readonly target: QualifiedName;
  readonly targetAlias?: TableAlias;
  readonly source: FromItem;
  readonly on: Expr;
  readonly clauses: readonly MergeClause[];
  /** WITH SCHEMA EVOLUTION. */
  readonly evolves: boolean;
  readonly returning: readonly SelectItem[];
  readonly with?: WithClause;
}
export interface MergeClause extends Node {
  readonly match: "matched" | "not-matched" | "not-matched-by-source";
  readonly condition?: Expr;
  readonly action:
    | { readonly kind: "update"; readonly assignments: readonly Assignment[] }
    | { readonly kind: "update-star" | "insert-star" | "delete" | "nothing" }
    | {
        readonly kind: "insert";
        /** Perhaps under the target's name: `t.c`. */
        readonly columns: readonly QualifiedName[];
        readonly values: readonly Expr[];
      };
}
export interface CopyStatement extends Node {
  readonly kind: "copy";
  readonly direction: "from" | "to";
  readonly source:
    | {
        readonly kind: "table";
        readonly name: QualifiedName;
        readonly columns: readonly Identifier[];
        /** The same as a query, for COPY TO: its items name the columns, or `*` stands for all. */
        readonly query: Query;
      }
    | { readonly kind: "query"; readonly query: Query };
  /** File names and programs are refused later, admins included. */
  readonly target: "stdin" | "stdout" | "file" | "program";
  /** In the order written, repetitions included. */
  readonly options: readonly CopyOption[];
  readonly where?: Expr;
}
export interface CopyOption extends Node {
  /** As written but for its case. */
  readonly name: string;
  readonly value:
    | { readonly kind: "none" | "star" }
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "columns"; readonly columns: readonly Identifier[] };
}
/** COPY INTO: what files hold goes into a table, each file once (Databricks). */
export interface CopyIntoStatement extends Node {
  readonly kind: "copy-into";
  readonly table: QualifiedName;
  /** Columns go to these in their order, or where there are none, to all of the table. Undefined: by name. */
  readonly byPosition?: readonly Identifier[];
  /** Without a format: that is `format`, or undefined what the path ends with. */
  readonly files: PathFrom;
  readonly format?: string;
  /** What is taken of the files' columns: a SELECT from `files` alone. Undefined: all. */
  readonly query?: Query;
  readonly chosen?:
    | { readonly kind: "files"; readonly names: readonly string[] }
    | { readonly kind: "pattern"; readonly pattern: string };
  readonly formatOptions: readonly NamedText[];
  readonly copyOptions: readonly NamedText[];
  /** Rows are read and checked, and none is loaded: the first `rows`, or where there is no number, all. */
  readonly validate?: { readonly rows?: number };
}
/** `'name' = 'text'`, as written. */
export interface NamedText extends Node {
  readonly name: string;
  readonly text: string;
}
export interface ColumnDefinition extends Node {
  readonly name: Identifier;
  readonly type: TypeName;
  readonly nullable: boolean;
  readonly default?: Expr;
  /** GENERATED ALWAYS AS (…) STORED. */
  readonly generated?: Expr;
  readonly identity?: IdentityDefinition;
  readonly comment?: string;
  readonly check?: Expr;
  /** Only in CREATE TABLE. */
  readonly mask?: PolicyCall;
  /** Only in ADD COLUMN. */
  readonly place?: ColumnPlace;
}
/** `f ON (a, 1)` of a row filter, `f USING COLUMNS (a, 1)` of a mask: names of columns and constants. */
export interface PolicyCall {
  readonly function: QualifiedName;
  readonly args: readonly Expr[];
}
/** GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(START WITH … INCREMENT BY …)]; numbers as written. */
export interface IdentityDefinition {
  readonly always: boolean;
  readonly start?: string;
  readonly step?: string;
}
/** FIRST, or AFTER a column. */
export type ColumnPlace =
  | { readonly kind: "first" }
  | { readonly kind: "after"; readonly column: Identifier };
export interface TableOptions {
  readonly using?: string;
  /** OPTIONS (…): of plain files. */
  readonly fileOptions?: readonly NamedText[];
  readonly partitionedBy: readonly Identifier[];
  readonly clusterBy: readonly Identifier[];
  readonly location?: string;
  readonly comment?: string;
  readonly rowFilter?: PolicyCall;
  readonly properties: Readonly<Record<string, string>>;
}
export type TableConstraint =
  | {
      readonly kind: "primary-key" | "unique";
      readonly name?: string;
      readonly columns: readonly Identifier[];
    }
  | {
      readonly kind: "foreign-key";
      readonly name?: string;
      readonly columns: readonly Identifier[];
      readonly table: QualifiedName;
      readonly references: readonly Identifier[];
    }
  | {
      readonly kind: "check";
      readonly name?: string;
      readonly condition: Expr;
    };
export interface CreateTableStatement extends Node {
  readonly kind: "create-table";
  readonly name: QualifiedName;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly TableConstraint[];
  /** LIKE: the columns of this table or view come first. */
  readonly like?: QualifiedName;
  readonly options: TableOptions;
  readonly onCommit?: OnCommit;
}
/** What COMMIT does to a temporary table; absent where its rows stay. */
export type OnCommit = "delete-rows" | "drop";
export type CreateMode = "create" | "if-not-exists" | "or-replace";
export interface CreateTableAsStatement extends Node {
  readonly kind: "create-table-as";
  readonly name: QualifiedName;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly columnNames: readonly Identifier[];
  readonly query: Query;
  readonly withData: boolean;
  readonly options: TableOptions;
  readonly onCommit?: OnCommit;
}
export interface CreateSchemaStatement extends Node {
  readonly kind: "create-schema";
  readonly name: QualifiedName;
  readonly ifNotExists: boolean;
  readonly comment?: string;
}
export interface CreateViewStatement extends Node {
  readonly kind: "create-view";
  readonly name: QualifiedName;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly columns: readonly Identifier[];
  readonly query: Query;
  /** The text after AS, as the user wrote it. */
  readonly source: string;
  readonly comment?: string;
}
/** `CREATE FUNCTION f(a INT DEFAULT 1) RETURNS INT RETURN a + 1`. */
export interface CreateFunctionStatement extends Node {
  readonly kind: "create-function";
  readonly name: QualifiedName;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly parameters: readonly FunctionParameter[];
  /** Undefined: the type of the body. */
  readonly returns?: TypeName;
  /** A query behind RETURN arrives as a scalar subquery. */
  readonly body: Expr;
  /** The text behind RETURN, as the user wrote it. */
  readonly source: string;
  readonly comment?: string;
}
export interface FunctionParameter {
  readonly name: Identifier;
  readonly type: TypeName;
  readonly default?: Expr;
}
export type ObjectType = "table" | "view" | "schema" | "function" | "catalog";
export interface DropStatement extends Node {
  readonly kind: "drop";
  readonly type: ObjectType;
  readonly names: readonly QualifiedName[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}
export interface TruncateStatement extends Node {
  readonly kind: "truncate";
  readonly tables: readonly QualifiedName[];
}
export interface AlterStatement extends Node {
  readonly kind: "alter";
  readonly type: ObjectType;
  readonly name: QualifiedName;
  readonly ifExists: boolean;
  /** One or more, which take effect together. */
  readonly actions: readonly AlterAction[];
}
export type AlterAction =
  | { readonly kind: "rename"; readonly to: QualifiedName }
  | { readonly kind: "set-schema"; readonly schema: Identifier }
  | {
      readonly kind: "add-column";
      readonly columns: readonly ColumnDefinition[];
      readonly ifNotExists: boolean;
    }
  | {
      readonly kind: "alter-column";
      readonly column: Identifier;
      readonly change: ColumnChange;
    }
  | { readonly kind: "add-constraint"; readonly constraint: TableConstraint }
  | {
      readonly kind: "drop-constraint";
      readonly name: Identifier;
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "rename-constraint";
      readonly from: Identifier;
      readonly to: Identifier;
    }
  /** No columns: CLUSTER BY NONE. */
  | { readonly kind: "cluster-by"; readonly columns: readonly Identifier[] }
  | {
      readonly kind: "rename-column";
      readonly from: Identifier;
      readonly to: Identifier;
    }
  | {
      readonly kind: "drop-column";
      readonly columns: readonly Identifier[];
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "set-properties";
      readonly properties: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "unset-properties";
      readonly keys: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly kind: "set-row-filter"; readonly filter: PolicyCall }
  | { readonly kind: "drop-row-filter" }
  | {
      readonly kind: "set-mask";
      readonly column: Identifier;
      readonly mask: PolicyCall;
    }
  | { readonly kind: "drop-mask"; readonly column: Identifier }
  | { readonly kind: "comment"; readonly comment: string | null };
export type ColumnChange =
  | { readonly kind: "type"; readonly type: TypeName }
  | { readonly kind: "set-not-null" | "drop-not-null" | "drop-default" }
  | { readonly kind: "set-default"; readonly value: Expr }
  | { readonly kind: "place"; readonly place: ColumnPlace }
  | { readonly kind: "comment"; readonly comment: string | null };
export interface CommentStatement extends Node {
  readonly kind: "comment";
  readonly type: ObjectType | "column";
  readonly name: QualifiedName;
  readonly comment: string | null;
}
export interface ExplainStatement extends Node {
  readonly kind: "explain";
  readonly analyze: boolean;
  readonly format: "text" | "json";
  readonly statement: Statement;
}
export interface DescribeStatement extends Node {
  readonly kind: "describe";
  readonly target:
    | {
        readonly kind: "table";
        readonly name: QualifiedName;
        /** `create`: SHOW CREATE TABLE. */
        readonly form: "columns" | "extended" | "detail" | "history" | "create";
        /** Of `history`: so many of the newest. */
        readonly limit?: number;
      }
    | {
        readonly kind: "function";
        readonly name: QualifiedName;
        readonly extended: boolean;
      }
    | { readonly kind: "query"; readonly query: Query };
}
export interface ShowStatement extends Node {
  readonly kind: "show";
  readonly what:
    /** `SHOW name`, `SHOW ALL` (name `all`), `SHOW TIME ZONE` (name `timezone`). */
    | { readonly kind: "setting"; readonly name: string }
    | {
        readonly kind: "catalogs" | "queries" | "tokens" | "streams";
        readonly like?: string;
      }
    | {
        readonly kind: "schemas";
        readonly catalog?: Identifier;
        readonly like?: string;
      }
    | {
        readonly kind: "tables" | "views" | "functions";
        /** A schema, or a catalog and a schema. */
        readonly in?: QualifiedName;
        readonly like?: string;
        /** `IN CATALOG c`: every schema of it, or those of `schemaLike`. */
        readonly catalog?: Identifier;
        readonly schemaLike?: string;
        /** `IN ALL CATALOGS`. */
        readonly allCatalogs?: boolean;
      }
    | { readonly kind: "columns"; readonly table: QualifiedName }
    | {
        readonly kind: "groups";
        readonly with?: {
          readonly type: "user" | "group";
          readonly name: Identifier;
        };
        readonly like?: string;
      }
    | { readonly kind: "users"; readonly like?: string };
}
export interface UseStatement extends Node {
  readonly kind: "use";
  readonly type: "catalog" | "schema" | "either";
  readonly name: QualifiedName;
}
export interface SetStatement extends Node {
  readonly kind: "set";
  /** Lower case; `timezone` for SET TIME ZONE; `transaction` options arrive as several entries. */
  readonly name: string;
  /** Each item as text; DEFAULT is `undefined`. */
  readonly values: readonly string[] | undefined;
  readonly scope: "session" | "local";
}
export interface ResetStatement extends Node {
  readonly kind: "reset";
  /** Undefined is RESET ALL. */
  readonly name?: string;
}
export interface TransactionStatement extends Node {
  readonly kind: "transaction";
  readonly action:
    | {
        readonly kind: "begin";
        readonly options: Readonly<Record<string, string>>;
      }
    | {
        readonly kind: "set";
        readonly options: Readonly<Record<string, string>>;
        readonly session: boolean;
      }
    | { readonly kind: "commit" | "rollback"; readonly chain: boolean }
    | {
        readonly kind: "savepoint" | "release" | "rollback-to";
        readonly name: string;
      };
}
export interface PrepareStatement extends Node {
  readonly kind: "prepare";
  readonly name: string;
  readonly types: readonly TypeName[];
  readonly statement: Statement;
}
export interface ExecuteStatement extends Node {
  readonly kind: "execute";
  readonly name: string;
  readonly args: readonly Expr[];
}
export interface DeallocateStatement extends Node {
  readonly kind: "deallocate";
  /** Undefined is ALL. */
  readonly name?: string;
}
export interface DeclareCursorStatement extends Node {
  readonly kind: "declare-cursor";
  readonly name: string;
  readonly query: Query;
  readonly hold: boolean;
  readonly scroll?: boolean;
  readonly binary: boolean;
}
export interface FetchStatement extends Node {
  readonly kind: "fetch";
  readonly cursor: string;
  readonly direction: "forward" | "backward" | "absolute" | "relative";
  /** Undefined is ALL. */
  readonly count?: number;
  readonly move: boolean;
}
export interface CloseStatement extends Node {
  readonly kind: "close";
  /** Undefined is ALL. */
  readonly cursor?: string;
}
export interface DiscardStatement extends Node {
  readonly kind: "discard";
  readonly what: "all" | "plans" | "sequences" | "temp";
}
export interface ListenStatement extends Node {
  readonly kind: "listen" | "unlisten" | "notify";
  readonly channel: string;
}
export interface LockStatement extends Node {
  readonly kind: "lock";
  readonly tables: readonly QualifiedName[];
}

export type SecurableName =
  | { readonly kind: "catalog"; readonly name?: Identifier }
  | {
      readonly kind: "schema" | "table" | "view" | "function";
      readonly name: QualifiedName;
    }
  | { readonly kind: "any-file" | "anonymous-function" };

export interface GrantStatement extends Node {
  readonly kind: "grant" | "deny" | "revoke";
  /** Upper case as written, `ALL PRIVILEGES` for ALL; checked by auth, not here. */
  readonly privileges: readonly {
    readonly name: string;
    readonly position: number;
  }[];
  readonly securable: SecurableName;
  /** The keyword PUBLIC arrives as `users`. */
  readonly principals: readonly Identifier[];
}
export interface ShowGrantsStatement extends Node {
  readonly kind: "show-grants";
  readonly principal?: Identifier;
  readonly securable: SecurableName;
}
export interface RepairPrivilegesStatement extends Node {
  readonly kind: "repair-privileges";
  readonly securable: SecurableName;
}
export interface OwnerStatement extends Node {
  readonly kind: "alter-owner";
  readonly securable: SecurableName;
  readonly owner: Identifier;
}
export interface GroupStatement extends Node {
  readonly kind: "group";
  readonly name: Identifier;
  readonly action:
    | {
        readonly kind: "create";
        readonly users: readonly Identifier[];
        readonly groups: readonly Identifier[];
      }
    | {
        readonly kind: "alter";
        readonly changes: readonly {
          readonly verb: "add" | "drop";
          readonly type: "user" | "group";
          readonly members: readonly Identifier[];
        }[];
      }
    | { readonly kind: "drop"; readonly ifExists: boolean };
}
export interface UserStatement extends Node {
  readonly kind: "user";
  readonly action: "create" | "drop";
  readonly name: Identifier;
  readonly ifExists: boolean;
}
export interface TokenStatement extends Node {
  readonly kind: "token";
  readonly action:
    | {
        readonly kind: "create";
        readonly user?: Identifier;
        readonly comment?: string;
        readonly lifetimeDays?: number;
        /** Addresses and CIDR blocks. */
        readonly addresses?: readonly string[];
      }
    | { readonly kind: "revoke"; readonly id: string };
}
export interface RefreshCatalogStatement extends Node {
  readonly kind: "refresh-catalog";
  readonly name?: Identifier;
}
/** REFRESH TABLE: what is kept of the relation's files is looked at again. */
export interface RefreshTableStatement extends Node {
  readonly kind: "refresh-table";
  readonly table: QualifiedName;
}
export interface CancelQueryStatement extends Node {
  readonly kind: "cancel-query";
  readonly id: string;
}
export interface AnalyzeStatement extends Node {
  readonly kind: "analyze";
  readonly table?: QualifiedName;
  /** All when absent. */
  readonly columns?: readonly Identifier[];
}
export interface OptimizeStatement extends Node {
  readonly kind: "optimize";
  readonly table: QualifiedName;
  /** All files of a clustered table, those clustered before too. */
  readonly full: boolean;
  /** REORG TABLE … APPLY (PURGE): files with deleted rows, and no others. */
  readonly purge: boolean;
  /** Which partitions. */
  readonly where?: Expr;
  readonly zorder: readonly QualifiedName[];
}
export interface VacuumStatement extends Node {
  readonly kind: "vacuum";
  readonly table: QualifiedName;
  readonly retainHours?: number;
  readonly dryRun: boolean;
}
/** `ALTER TABLE t ADD [IF NOT EXISTS] PARTITION (c = v, …)`: a Delta table has the partitions its rows have. */
export interface AddPartitionStatement extends Node {
  readonly kind: "add-partition";
  readonly table: QualifiedName;
  readonly columns: readonly Identifier[];
}
export interface RestoreStatement extends Node {
  readonly kind: "restore";
  readonly table: QualifiedName;
  readonly travel: TimeTravel;
}
/** Parsed, but outside `contract.md` section 5: 0A000 naming `construct`, after the authorization of what it names. */
export interface UnsupportedStatement extends Node {
  readonly kind: "unsupported";
  /** Subject of the message: `CREATE TRIGGER is`. */
  readonly construct: string;
  readonly tables: readonly QualifiedName[];
  /** Rights on each of `tables`; without it they need only be visible. */
  readonly needs?: readonly ("SELECT" | "MODIFY" | "READ_METADATA" | "owner")[];
  /** A table it would make. */
  readonly creates?: QualifiedName;
}

/** One statement of a query string, with its own slice of the text (without the semicolon). */
export interface ParsedStatement {
  readonly statement: Statement;
  readonly text: string;
  /** Characters before `text` in the string the user sent: positions inside `statement` already include them. */
  readonly offset: number;
  /** Highest `$n`. */
  readonly parameterCount: number;
}
