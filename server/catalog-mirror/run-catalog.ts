// A statement over the system catalog as query.ts prepares and runs it: the mirror's answers in the shapes of results.

import type { DataType } from "../../storage/common/data-type.ts";
import { TEXT } from "../../storage/common/data-type.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import { typeOfOid, typeOid } from "../pgwire/oids.ts";
import type { PreparedStatement } from "../session/engine.ts";
import type {
  EncodedRows,
  OutputColumn,
  Result,
  ResultFormat,
} from "../session/result.ts";
import type { Services } from "../services.ts";
import { endBackend } from "../session-functions.ts";
import { readTextRows } from "../session/data-row.ts";
import type { Session } from "../session/session.ts";
import type { MirrorColumn } from "./messages.ts";
import type { CatalogMirror } from "./mirror.ts";
import type { CatalogQuery } from "./route.ts";
import { formatsBefore, reshaped, shapeOf, type Shape } from "./shape-of-15.ts";

export interface DescribedCatalog extends Pick<
  PreparedStatement,
  "parameterTypes" | "columns"
> {
  /** The mirror's own types of the parameters, of which `parameterTypes` is what clients are told. */
  readonly parameterOids: readonly number[];
  readonly shaping: Shaping | undefined;
}

/** The mirror's columns are not those the client is told. */
export interface Shaping extends Shape {
  readonly columnsBefore: number;
}

/** Types a client left open are inferred by the mirror. Throws what PostgreSQL finds wrong with the statement. */
export async function describeCatalog(
  mirror: CatalogMirror,
  session: Session,
  query: CatalogQuery,
  declared: readonly (DataType | undefined)[],
): Promise<DescribedCatalog> {
  const oids = declared.map((type) => (type === undefined ? 0 : typeOid(type)));
  const answer = await mirror.describe(session, query, oids);
  const columns = answer.columns ?? [];
  const shape = shapeOf(columns);
  return {
    parameterOids: answer.parameterOids,
    parameterTypes: answer.parameterOids.map((oid) => typeOfOid(oid) ?? TEXT),
    columns: (shape?.columns ?? columns).map(outputColumn),
    shaping:
      shape === undefined
        ? undefined
        : { ...shape, columnsBefore: columns.length },
  };
}

export interface CatalogRun {
  readonly query: CatalogQuery;
  readonly parameterOids: readonly number[];
  readonly shaping: Shaping | undefined;
  readonly columns: readonly OutputColumn[];
  readonly parameters: readonly Scalar[];
  readonly format: ResultFormat;
}

export async function runCatalog(
  services: Services,
  session: Session,
  { query, parameterOids, shaping, columns, parameters, format }: CatalogRun,
): Promise<Result> {
  const formats =
    format.kind === "postgres"
      ? format.formats
      : columns.map(() => "text" as const);
  const answer = await services.catalogMirror.execute(session, query, {
    sql: query.sql,
    parameterOids,
    values: parameters.map(({ text }) => text),
    formats:
      shaping === undefined
        ? formats
        : formatsBefore(shaping, formats, shaping.columnsBefore),
  });
  for (const notice of answer.notices) {
    if (notice.kind === "warning") session.notice("WARNING", notice.message);
    else endBackend(session, services, notice.pid, notice.kind);
  }
  const { rowCount } = answer;
  const bytes =
    shaping === undefined
      ? answer.rows
      : reshaped(shaping, answer.rows, formats);
  const encoded = {
    kind: "encoded",
    batches: oneBatch({ bytes, rowCount }),
  } as const;
  const rows =
    format.kind === "postgres"
      ? encoded
      : ({
          kind: "text",
          rows: plainRows(await readTextRows(encoded), columns),
        } as const);
  return { kind: "rows", columns, rows, tag: "SELECT", countInTag: true };
}

/** JSON and CSV spell booleans out (http-api 4.9). */
function plainRows(
  rows: readonly (readonly (string | null)[])[],
  columns: readonly OutputColumn[],
): readonly (readonly (string | null)[])[] {
  return rows.map((row) =>
    row.map((cell, at) => {
      if (cell === null || columns[at]?.type.kind !== "bool") return cell;
      return cell === "t" ? "true" : "false";
    }),
  );
}

// eslint-disable-next-line @typescript-eslint/require-await -- the answer is whole already
async function* oneBatch(batch: EncodedRows): AsyncGenerator<EncodedRows> {
  if (batch.rowCount > 0) yield batch;
}

function outputColumn(column: MirrorColumn): OutputColumn {
  return {
    name: column.name,
    type: typeOfOid(column.typeOid) ?? TEXT,
    tableOid: column.tableOid,
    columnNumber: column.columnNumber,
    wireType: {
      oid: column.typeOid,
      size: column.typeSize,
      modifier: column.typeModifier,
    },
  };
}
