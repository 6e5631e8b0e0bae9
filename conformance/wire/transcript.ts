// Transcripts of the Postgres protocol: what is sent, a line of dashes, what must come back; blocks are separated by empty lines.
//
//   # a comment
//   Query {"text": "select 1 as a"}
//   ----
//   RowDescription a:int4
//   DataRow 1
//   CommandComplete SELECT 1
//   ReadyForQuery I
//
// A sent line is a message's name and its fields as JSON, in pg-protocol's names.

import { serialize } from "pg-protocol";

export interface TranscriptBlock {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly comments: readonly string[];
  readonly sent: readonly string[];
  readonly expected: readonly string[];
}

const DASHES = "----";

/** Throws when a block has no line of dashes, or sends nothing. */
export function parseTranscript(
  text: string,
  file: string,
): readonly TranscriptBlock[] {
  const blocks: TranscriptBlock[] = [];
  const lines = text.split("\n");
  let start = 0;
  for (let index = 0; index <= lines.length; index += 1) {
    if (index < lines.length && lines[index] !== "") continue;
    const block = lines.slice(start, index);
    if (block.some((line) => !line.startsWith("#"))) {
      blocks.push(parseBlock(block, start + 1, file));
    } else if (block.length > 0) {
      blocks.push({ line: start + 1, comments: block, sent: [], expected: [] });
    }
    start = index + 1;
  }
  if (!blocks.some((block) => block.sent.length > 0)) {
    throw new Error(`${file}: there is nothing to send`);
  }
  return blocks;
}

function parseBlock(
  lines: readonly string[],
  line: number,
  file: string,
): TranscriptBlock {
  const comments = lines.filter((one) => one.startsWith("#"));
  const rest = lines.filter((one) => !one.startsWith("#"));
  const dashes = rest.indexOf(DASHES);
  if (dashes < 1) {
    throw new Error(`${file}:${line}: nothing sent, or no line of dashes`);
  }
  return {
    line,
    comments,
    sent: rest.slice(0, dashes),
    expected: rest.slice(dashes + 1),
  };
}

export function printTranscript(blocks: readonly TranscriptBlock[]): string {
  return blocks
    .map((block) =>
      block.sent.length === 0
        ? `${block.comments.join("\n")}\n`
        : [
            ...block.comments,
            ...block.sent,
            DASHES,
            ...block.expected,
            "",
          ].join("\n"),
    )
    .join("\n");
}

type Fields = ReadonlyMap<string, unknown>;

/** By message name: the bytes for its fields. */
const ENCODERS: Readonly<Record<string, (fields: Fields) => Buffer>> = {
  Query: (fields) => serialize.query(textOf(fields, "text")),
  Parse: (fields) =>
    serialize.parse({
      name: textOf(fields, "name"),
      text: textOf(fields, "text"),
      types: numbersOf(fields, "types"),
    }),
  Bind: (fields) =>
    serialize.bind({
      portal: textOf(fields, "portal"),
      statement: textOf(fields, "statement"),
      values: valuesOf(fields),
      binary: fields.get("binary") === true,
    }),
  DescribeStatement: (fields) =>
    serialize.describe({ type: "S", name: textOf(fields, "name") }),
  DescribePortal: (fields) =>
    serialize.describe({ type: "P", name: textOf(fields, "name") }),
  Execute: (fields) =>
    serialize.execute({
      portal: textOf(fields, "portal"),
      rows: Number(fields.get("rows") ?? 0),
    }),
  CloseStatement: (fields) =>
    serialize.close({ type: "S", name: textOf(fields, "name") }),
  ClosePortal: (fields) =>
    serialize.close({ type: "P", name: textOf(fields, "name") }),
  Sync: () => serialize.sync(),
  Flush: () => serialize.flush(),
  CopyDone: () => serialize.copyDone(),
  FunctionCall: () =>
    Buffer.from([0x46, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  Bytes: (fields) => Buffer.from(textOf(fields, "hex"), "hex"),
};

/** Bytes of one sent line. Throws for a message no transcript can send. */
export function encodeLine(line: string): Buffer {
  const [, name = "", json = "{}"] = /^(\w+)(?:\s+(.*))?$/.exec(line) ?? [];
  const encoder = ENCODERS[name];
  if (encoder === undefined) throw new Error(`no message ${name}`);
  return encoder(fieldsOf(json));
}

function fieldsOf(json: string): Fields {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null) {
    throw new Error(`not an object: ${json}`);
  }
  return new Map(Object.entries(value));
}

function textOf(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}

function numbersOf(fields: Fields, name: string): number[] {
  const value = fields.get(name);
  return Array.isArray(value) ? value.map(Number) : [];
}

function valuesOf(fields: Fields): (string | null)[] {
  const value = fields.get("values");
  if (!Array.isArray(value)) return [];
  return value.map((one: unknown) => (typeof one === "string" ? one : null));
}
