// Plain files and Delta tables by their path: a reference without an entry in the catalog, and the right to any file. Where the path
// lies is looked up when it is pinned (access-control section 9.3).

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import { objectId } from "../../../storage/common/ids.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { FilesFormat } from "../../../storage/files/format.ts";
import type {
  CallExpr,
  Expr,
  FunctionFrom,
  PathFrom,
} from "../../parse/ast.ts";
import { filesFormat, type FileOption } from "../from/file-options.ts";
import type { ResolvedTable } from "./resolved.ts";
import {
  noteKind,
  noteTable,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import { requireAnyFile } from "../define/stored-text.ts";
import { evaluateTravel } from "./travel.ts";

/** ``csv.`p` ``: the format's defaults, all columns of CSV text. */
export function resolvePath(
  state: ResolveState,
  scope: NameScope,
  item: PathFrom,
): void {
  const { format, path, position } = item;
  if (format === undefined) return useLoaded(state, item);
  requireAnyFile(state, scope, "SELECT", position);
  const files =
    format === "delta"
      ? undefined
      : filesFormat({ format, options: [], inferTypes: false, position });
  if (files && item.travel)
    throw notSupported(`time travel on ${format} files is`, position);
  const travel = item.travel && evaluateTravel(state, item.travel);
  const table = pathEntry({ name: path, path, files, position });
  const resolved: ResolvedTable = {
    kind: "table",
    reference: noteTable(state, table, travel),
    name: `${format}.\`${path}\``,
    schema: format,
    catalog: state.environment.currentCatalog,
  };
  noteKind(state, "lake", position);
  state.relations.set(item, resolved);
}

/** The files of COPY INTO, of which the statement's own rule has said everything. */
function useLoaded(state: ResolveState, item: PathFrom): void {
  invariant(state.relations.has(item), "the files of COPY INTO are resolved");
  noteKind(state, "lake", item.position);
}

/** `read_files('p', name => value …)`. Throws 0A000 where path or options are no constants. */
export function resolveReadFiles(
  state: ResolveState,
  scope: NameScope,
  item: FunctionFrom,
  call: CallExpr,
): void {
  const { position } = call;
  requireAnyFile(state, scope, "SELECT", position);
  if (item.calls.length > 1 || item.ordinality)
    throw notSupported(
      "read_files in ROWS FROM or with ordinality is",
      position,
    );
  const [first, ...rest] = call.args;
  const path =
    first?.name === undefined && first ? constantText(first.value) : undefined;
  if (path === undefined)
    throw notSupported("read_files without a constant path is", position);
  const options = rest.map(({ name, value }): FileOption => {
    const text = constantText(value);
    if (name === undefined || text === undefined)
      throw notSupported(
        "an option of read_files that is not name => constant is",
        value.position,
      );
    return { name, text, position: value.position };
  });
  const named = options.find(({ name }) => name.toLowerCase() === "format");
  const files = filesFormat({
    format: named?.text ?? formatOf(path, position),
    options: options.filter((option) => option !== named),
    inferTypes: true,
    position,
  });
  const table = pathEntry({ name: "read_files", path, files, position });
  noteKind(state, "lake", position);
  state.relations.set(item, {
    kind: "table",
    reference: noteTable(state, table, undefined),
    name: `read_files('${path}')`,
    schema: "pg_catalog",
    catalog: state.environment.currentCatalog,
  });
}

/** Text may be compressed as a whole. */
const ENDING =
  /\.(csv|json|parquet)(?:(?<!parquet)\.(?:br|bz2|deflate|gz|lz4|lzo|snappy|xz|zip|zst|zstd))?$/iu;

/** By the path's ending. Throws 22023. */
export function formatOf(path: string, position: number | undefined): string {
  const ending = ENDING.exec(path)?.[1];
  if (ending === undefined)
    throw new SqlError("22023", "the format of the files is not given", {
      hint: "Add format => 'csv', 'json' or 'parquet'.",
      position,
    });
  return ending;
}

/** What stands for a path where a table is expected: one path read one way is one entry. */
export function pathEntry(place: {
  readonly name: string;
  readonly path: string;
  readonly files: FilesFormat | undefined;
  readonly position: number | undefined;
  /** What else tells it from the same path read in the same way. */
  readonly use?: string;
}): TableEntry {
  const { name, path, files, use } = place;
  const key = JSON.stringify([path, files ?? null, use ?? null]);
  const id = objectId(`path ${key}`);
  return {
    kind: "table",
    id,
    oid: 0,
    name,
    owner: undefined,
    schema: objectId(""),
    location: path,
    origin: "path",
    ...(files === undefined ? {} : { files }),
  };
}

function constantText(value: Expr): string | undefined {
  if (value.kind !== "literal") return undefined;
  const { value: literal } = value;
  switch (literal.kind) {
    case "string":
    case "integer":
    case "decimal":
      return literal.text;
    case "boolean":
      return String(literal.value);
    default:
      return undefined;
  }
}
