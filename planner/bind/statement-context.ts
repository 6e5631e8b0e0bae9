// What binding one statement shares: fresh ids, parameter types, common tables, the session, and the two entrances of the recursion.

import type { Requirement } from "../../auth/privilege.ts";
import type {
  FunctionEntry,
  ViewEntry,
} from "../../storage/catalog/objects.ts";
import type { CatalogView } from "../../storage/catalog/view.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import {
  columnId,
  type ColumnId,
  type ObjectId,
} from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../logical/plan.ts";
import type {
  CommonTable,
  Expr,
  Identifier,
  QualifiedName,
  Query,
} from "../parse/ast.ts";
import type { BindEnvironment } from "./environment.ts";
import { readInstant, type InputOptions } from "./input.ts";
import type { Resolved } from "./resolve/resolved.ts";
import type { Scope } from "./scope.ts";

/** A bound query: its plan gives exactly `columns`, in order. */
export interface BoundRelation {
  readonly plan: LogicalPlan;
  readonly columns: readonly OutputColumn[];
}
export interface OutputColumn extends PlanColumn {
  readonly origin?:
    { readonly tableOid: number; readonly columnNumber: number } | undefined;
  /** Where the select item stands. */
  readonly position?: number | undefined;
}

export interface QueryOptions {
  /** Leave untyped literals unknown for the caller to type: set operations, INSERT. Else they become text. */
  readonly keepUnknown?: boolean;
}

export interface Binders {
  readonly expression: (expression: Expr, scope: Scope) => Expression;
  readonly query: (
    query: Query,
    parent: Scope | undefined,
    options?: QueryOptions,
  ) => BoundRelation;
}

/** A common table in scope: bound when first referred to. */
export interface CommonTableState {
  readonly item: CommonTable;
  readonly id: number;
  readonly parent: Scope | undefined;
  phase:
    | { readonly kind: "unbound" }
    | { readonly kind: "binding" }
    /** Inside the recursive term of a recursive one: its columns are known. */
    | {
        readonly kind: "recursive";
        readonly columns: readonly OutputColumn[];
        references: number;
      }
    | {
        readonly kind: "bound";
        readonly columns: readonly OutputColumn[];
        references: number;
        /** Puts the definition around the plan that refers to it. */
        readonly around: (input: LogicalPlan) => LogicalPlan;
      };
}

export class StatementContext {
  readonly resolved: Resolved;
  readonly view: CatalogView;
  readonly environment: BindEnvironment;
  readonly binders: Binders;
  readonly commonTables: Map<CommonTable, CommonTableState> = new Map<
    CommonTable,
    CommonTableState
  >();
  /** Ids of common tables in the order their definitions were bound. */
  readonly finished: number[] = [];
  /** Stored spellings of names that matched but for their case, and what stars meant: for the text of views. */
  readonly spellings: Map<QualifiedName, readonly Identifier[]> = new Map<
    QualifiedName,
    readonly Identifier[]
  >();
  /** Names that mean a parameter of the function being created, by the parameter's number from 1. */
  readonly functionParameters: Map<QualifiedName, number> = new Map<
    QualifiedName,
    number
  >();
  readonly stars: Map<Expr, readonly Expr[]> = new Map<Expr, readonly Expr[]>();
  /** What only binding sees: reading hidden columns. */
  readonly requirements: Requirement[] = [];
  /** Hidden columns that something refers to: the others are dropped from their scans at the end. */
  readonly usedHidden: Set<ColumnId> = new Set<ColumnId>();
  /** True once a value of the session was put into the plan: the plan serves this session and instant only. */
  sessionDependent = false;
  /** True inside a view that EXPLAIN may not show. */
  opaque = false;
  /** How many texts of views and functions stand around what is bound. */
  #below = 0;
  readonly #parameters: (DataType | undefined)[];
  #columns = 0;
  #scans = 0;
  #tables = 0;

  constructor(parts: {
    readonly resolved: Resolved;
    readonly view: CatalogView;
    readonly environment: BindEnvironment;
    readonly binders: Binders;
    readonly declared: readonly (DataType | undefined)[];
  }) {
    this.resolved = parts.resolved;
    this.view = parts.view;
    this.environment = parts.environment;
    this.binders = parts.binders;
    this.#parameters = parts.declared.map((type) =>
      type?.kind === "unknown" ? undefined : type,
    );
  }

  newColumnId(): ColumnId {
    this.#columns += 1;
    return columnId(this.#columns);
  }
  newScanId(): number {
    this.#scans += 1;
    return this.#scans;
  }
  newTableId(): number {
    this.#tables += 1;
    return this.#tables;
  }

  newColumn(name: string, type: DataType, nullable = true): PlanColumn {
    return { id: this.newColumnId(), name, type, nullable };
  }

  /** Whether EXPLAIN hides the scan of a table: below a view, unless its metadata may be read too. */
  hides(table: ObjectId): boolean {
    return (
      this.opaque ||
      (this.#below > 0 && this.environment.mayInspect?.(table) !== true)
    );
  }

  /** Binds what the text of a view or function names. */
  below<T>(view: ViewEntry | FunctionEntry, bind: () => T): T {
    const before = this.opaque;
    const shown = this.environment.mayInspect?.(view.id) === true;
    this.opaque = before || !shown;
    this.#below += 1;
    try {
      return bind();
    } finally {
      this.opaque = before;
      this.#below -= 1;
    }
  }

  /** The parameter's type so far. */
  parameterType(index: number): DataType | undefined {
    while (this.#parameters.length < index) this.#parameters.push(undefined);
    return this.#parameters[index - 1];
  }
  setParameterType(index: number, type: DataType): void {
    this.parameterType(index);
    this.#parameters[index - 1] = type;
  }
  get parameterTypes(): readonly (DataType | undefined)[] {
    return this.#parameters;
  }

  /** A value of the session; undefined when it has none of that name. */
  sessionValue(name: string, args: readonly Scalar[]): Scalar | undefined {
    const value = this.environment.session(name, args);
    if (value) this.sessionDependent = true;
    return value;
  }

  /** The transaction's start in microseconds since 1970. */
  nowMicros(): bigint | undefined {
    const text = this.sessionValue("now", [])?.text;
    if (typeof text !== "string") return undefined;
    return readInstant(text, {
      timeZone: "UTC",
      dateStyle: "ISO, MDY",
      now: () => undefined,
    });
  }

  inputOptions(position: number | undefined): InputOptions {
    return {
      timeZone: this.environment.timeZone,
      dateStyle: this.environment.dateStyle ?? "ISO, MDY",
      now: () => this.nowMicros(),
      position,
    };
  }
}
