// The options of plain files, under Spark's names: what read_files, COPY INTO and CREATE TABLE … USING CSV give as texts, with Spark's
// defaults. Options that are not taken are refused by name: none is ever ignored.

import {
  typeNameWithModifier,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type {
  CsvFormat,
  FilesFormat,
  ParquetFormat,
  RowMode,
} from "../../../storage/files/format.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type { CreateTableStatement, NamedText } from "../../parse/ast.ts";
import { parseSql } from "../../parse/parse.ts";

/** As the user wrote it. */
export type FileOption = NamedText;

export interface FormatRequest {
  readonly format: string;
  readonly options: readonly FileOption[];
  /** What CSV's `inferSchema` is when nobody says. */
  readonly inferTypes: boolean;
  /** Columns given elsewhere than in an option. */
  readonly schema?: readonly Column[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly position: number | undefined;
}

/** Throws 22023 for values that are none, 0A000 for options and formats that are not taken. */
export function filesFormat(request: FormatRequest): FilesFormat {
  const options = new Options(request.options);
  const kind = request.format.toLowerCase();
  const common = {
    schema: request.schema ?? declaredSchema(options.take("schema")),
    nameFilter: options.take("pathglobfilter", "filenamepattern")?.text,
    only: request.only,
    skipsCorrupt: options.boolean("ignorecorruptfiles") ?? false,
  };
  // The columns of all files are one schema: Spark's other way takes those of any one file.
  refuseFalse(options, "mergeschema");
  const format = ((): FilesFormat => {
    switch (kind) {
      case "parquet":
        return { kind, ...common };
      case "json":
        return {
          kind,
          ...common,
          ...rowRules(options, common.schema, true),
          multiLine: options.boolean("multiline") ?? false,
        };
      case "csv":
        return {
          kind,
          ...common,
          ...csvOptions(options, common.schema, request.inferTypes),
        };
      default:
        throw notSupported(
          `reading files of format "${request.format}" is`,
          request.position,
          "Formats are csv, json and parquet.",
        );
    }
  })();
  options.refuseRest(`${kind} files`);
  if (format.kind !== "parquet") checkText(format, request.position);
  return format;
}

type RowRules = Pick<CsvFormat, "mode" | "corruptColumn" | "inferTypes">;

/** Spark's name: a declared column that is called so holds corrupt records without being told to. */
const CORRUPT_COLUMN = "_corrupt_record";

function rowRules(
  options: Options,
  schema: readonly Column[] | undefined,
  inferTypes: boolean,
): RowRules {
  const declared = schema?.some(({ name }) => name === CORRUPT_COLUMN);
  const encoding = options.take("encoding", "charset");
  if (encoding && !/^utf-?8$/iu.test(encoding.text))
    throw notSupported(
      `encoding "${encoding.text}" of files is`,
      encoding.position,
    );
  return {
    mode: modeOf(options.take("mode")),
    corruptColumn:
      options.take("columnnameofcorruptrecord")?.text ??
      (declared === true ? CORRUPT_COLUMN : undefined),
    inferTypes:
      options.boolean("inferschema", "infercolumntypes") ?? inferTypes,
  };
}

function modeOf(option: FileOption | undefined): RowMode {
  if (option === undefined) return "permissive";
  switch (option.text.toUpperCase()) {
    case "PERMISSIVE":
      return "permissive";
    case "DROPMALFORMED":
      return "drop-malformed";
    case "FAILFAST":
      return "failfast";
    default:
      throw invalidOption(
        option,
        "Modes are PERMISSIVE, DROPMALFORMED and FAILFAST.",
      );
  }
}

function csvOptions(
  options: Options,
  schema: readonly Column[] | undefined,
  inferTypes: boolean,
): Omit<CsvFormat, "kind" | keyof ParquetFormat> {
  const delimiter = options.character("sep", "delimiter") ?? ",";
  const quote = options.character("quote") ?? '"';
  if (delimiter === quote)
    throw new SqlError("22023", "delimiter and quote must be different");
  const header = options.boolean("header") ?? false;
  return {
    ...rowRules(options, schema, inferTypes),
    header,
    byHeader: header && schema === undefined,
    delimiter,
    quote,
    escape: options.character("escape") ?? "\\",
    comment: options.character("comment"),
    nullValue: options.take("nullvalue")?.text ?? "",
    multiLine: options.boolean("multiline") ?? false,
  };
}

/** Values of the type are read from a text as they are, without a length. */
export function isReadFromText(type: DataType): boolean {
  const limited = type.kind === "varchar" && type.length !== undefined;
  return READ_FROM_TEXT.has(type.kind) && !limited;
}

/** The declared types must be ones that a text can be read as; the corrupt record is text. */
function checkText(
  { schema, corruptColumn }: Pick<CsvFormat, "schema" | "corruptColumn">,
  position: number | undefined,
): void {
  for (const { name, type } of schema ?? []) {
    if (!isReadFromText(type))
      throw notSupported(
        `type ${typeNameWithModifier(type)} of column "${name}" in text files is`,
        position,
        "Read nested values as jsonb, and limited ones as text.",
      );
    if (name === corruptColumn && type.kind !== "text")
      throw new SqlError("22023", `column "${name}" must be of type text`, {
        detail: "It holds the corrupt records.",
        position,
      });
  }
}

const READ_FROM_TEXT: ReadonlySet<DataType["kind"]> = new Set<DataType["kind"]>(
  [
    "bool",
    "int1",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "text",
    "varchar",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "jsonb",
  ],
);

function refuseFalse(options: Options, name: string): void {
  const option = options.peek(name);
  if (options.boolean(name) === false)
    throw notSupported(
      `option "${option?.name ?? name}" = false is`,
      option?.position,
    );
}

export interface LoadOptions {
  /** Files are loaded though they have been before. */
  readonly force: boolean;
  /** Columns that the table lacks are added to it. */
  readonly evolves: boolean;
}

/** COPY_OPTIONS. Throws 22023, and 0A000 for others. */
export function loadOptions(given: readonly FileOption[]): LoadOptions {
  const options = new Options(given);
  const force = options.boolean("force") ?? false;
  const evolves = options.boolean("mergeschema") ?? false;
  options.refuseRest("COPY_OPTIONS");
  return { force, evolves };
}

/** `id bigint, name text`: what may stand between the brackets of CREATE TABLE. Throws 22023. */
function declaredSchema(
  option: FileOption | undefined,
): readonly Column[] | undefined {
  if (option === undefined) return undefined;
  const statement = definitionOf(option);
  const plain =
    statement?.columns.every(
      (column) =>
        column.nullable &&
        (column.default ??
          column.generated ??
          column.identity ??
          column.check) === undefined,
    ) === true && statement.constraints.length === 0;
  if (!statement || !plain || statement.columns.length === 0)
    throw invalidOption(option, "It is a list of column names and types.");
  const columns = statement.columns.map(({ name, type }) => ({
    name: name.name,
    type: resolveTypeName(type),
    nullable: true,
  }));
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  if (names.size < columns.length)
    throw invalidOption(option, "A column stands there twice.");
  return columns;
}

function definitionOf(option: FileOption): CreateTableStatement | undefined {
  try {
    const [parsed, second] = parseSql(`CREATE TABLE t (${option.text}\n)`);
    const statement = parsed?.statement;
    if (second || statement?.kind !== "create-table") return undefined;
    const { options, like } = statement;
    const bare =
      like === undefined &&
      (options.location ?? options.using) === undefined &&
      options.partitionedBy.length + options.clusterBy.length === 0;
    return bare ? statement : undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return undefined;
  }
}

function invalidOption(option: FileOption, detail: string): SqlError {
  return new SqlError(
    "22023",
    `invalid value for option "${option.name}": "${option.text}"`,
    { detail, position: option.position },
  );
}

/** Names count without regard to case, and each is taken once. */
class Options {
  readonly #left = new Map<string, FileOption>();

  constructor(options: readonly FileOption[]) {
    for (const option of options) {
      const key = option.name.toLowerCase();
      if (this.#left.has(key))
        throw new SqlError("42601", "conflicting or redundant options", {
          position: option.position,
        });
      this.#left.set(key, option);
    }
  }

  peek(name: string): FileOption | undefined {
    return this.#left.get(name);
  }

  /** Under any of the names, which mean the same. */
  take(...names: readonly string[]): FileOption | undefined {
    let found: FileOption | undefined;
    for (const name of names) {
      found ??= this.#left.get(name);
      if (found === this.#left.get(name)) this.#left.delete(name);
    }
    return found;
  }

  boolean(...names: readonly string[]): boolean | undefined {
    const option = this.take(...names);
    if (option === undefined) return undefined;
    if (/^true$/iu.test(option.text)) return true;
    if (/^false$/iu.test(option.text)) return false;
    throw invalidOption(option, "It is true or false.");
  }

  character(...names: readonly string[]): string | undefined {
    const option = this.take(...names);
    if (option === undefined) return undefined;
    const text = option.text === "\\t" ? "\t" : option.text;
    if (!/^[\u0001-\u0009\u000b\u000c\u000e-\u007f]$/u.test(text))
      throw invalidOption(option, "It is one ASCII character, no line end.");
    return text;
  }

  refuseRest(of: string): void {
    const [option] = this.#left.values();
    if (option !== undefined)
      throw notSupported(
        `option "${option.name}" of ${of} is`,
        option.position,
      );
  }
}
