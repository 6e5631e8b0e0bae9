// Scans, common tables and recursion as kernel SQL.

import type { ColumnId } from "../../storage/common/ids.ts";
import { representationOf } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import { convert } from "../functions/unify.ts";
import type {
  CommonTable,
  CommonTableRef,
  PlanColumn,
  RecursiveTable,
  Scan,
} from "../logical/plan.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  closedBlock,
  nameOf,
  openBlock,
  render,
  type Block,
  type Columns,
} from "./block.ts";
import {
  emitOver,
  opened,
  sealed,
  withoutWith,
  type EmitContext,
  type NamedTable,
} from "./emit-context.ts";

/** The relation the node supplies for a scan. */
export function scanRelation(scanId: number): string {
  return `scan_${scanId}`;
}

export function emitScan(plan: Scan, context: EmitContext): Block {
  const columns = storedColumns(plan.columns);
  return {
    ...openBlock(scanRelation(plan.table.scanId), columns),
    where: plan.filters.map((filter) => emitOver(filter, columns, context).sql),
  };
}

function storedColumns(columns: readonly PlanColumn[]): Columns {
  return new Map(
    columns.map((column): [ColumnId, Emitted] => [
      column.id,
      {
        sql: nameOf(column.id),
        type: column.type,
        representation: representationOf(column.type),
      },
    ]),
  );
}

export function emitCommonTable(
  plan: CommonTable,
  context: EmitContext,
): Block {
  const definition = context.emit(plan.definition, context);
  const name = `cte_${plan.id}`;
  const table: NamedTable = {
    name,
    columns: [...closedBlock("", definition.columns).columns.values()],
  };
  const input = context.emit(plan.input, withTable(context, plan.id, table));
  const how =
    plan.materialized === undefined
      ? ""
      : plan.materialized
        ? "MATERIALIZED "
        : "NOT MATERIALIZED ";
  return closedBlock(
    `WITH ${name} AS ${how}(${render(definition)}) ${withoutWith(input, context)}`,
    input.columns,
  );
}

function withTable(
  context: EmitContext,
  id: number,
  table: NamedTable,
): EmitContext {
  return { ...context, tables: new Map([...context.tables, [id, table]]) };
}

export function emitCommonTableRef(
  plan: CommonTableRef,
  context: EmitContext,
): Block {
  const stage = context.stages.get(plan.id);
  if (stage !== undefined) return stage;
  const table = context.tables.get(plan.id);
  invariant(table !== undefined, `common table ${plan.id} is not in reach`);
  const alias = context.names.next();
  const columns = plan.columns.map((column, index): [ColumnId, Emitted] => {
    const source = table.columns[index];
    invariant(
      source !== undefined,
      `common table ${plan.id} has column ${index}`,
    );
    return [
      column.id,
      { ...source, type: column.type, sql: `${alias}.${source.sql}` },
    ];
  });
  return openBlock(`${table.name} AS ${alias}`, new Map(columns));
}

/** Base and step are converted to how values of the declared types lie, so that both halves of the union agree. */
export function emitRecursiveTable(
  plan: RecursiveTable,
  context: EmitContext,
): Block {
  const name = `cte_${plan.id}`;
  const columns = storedColumns(plan.columns);
  const inner = withTable(context, plan.id, {
    name,
    columns: [...columns.values()],
  });
  const base = asColumns(context.emit(plan.base, context), columns, context);
  const step = asColumns(context.emit(plan.recursive, inner), columns, context);
  const input = context.emit(plan.input, inner);
  const names = [...columns.values()].map((column) => column.sql).join(", ");
  return closedBlock(
    `WITH RECURSIVE ${name}(${names}) AS ((${base}) UNION ${plan.all ? "ALL " : ""}(${step})) ${withoutWith(input, context)}`,
    input.columns,
  );
}

function asColumns(
  block: Block,
  wanted: Columns,
  context: EmitContext,
): string {
  const open = opened(block, context);
  const plain = open.limit === undefined ? open : sealed(open, context);
  const values = [...plain.columns.values()];
  const converted = [...wanted].map(
    ([id, column], index): [ColumnId, Emitted] => {
      const value = values[index];
      return [
        id,
        value === undefined
          ? column
          : { ...column, sql: convert(value, column.representation) },
      ];
    },
  );
  return render({ ...plain, columns: new Map(converted) });
}
