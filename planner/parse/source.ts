// One statement between the user's text and the grammar: which text the grammar got, what its markers stand for, and where each
// byte of it lies in the user's text. dialect.ts makes it, tree-*.ts read it.

import type {
  ColumnPlace,
  Identifier,
  PolicyCall,
  TableOptions,
} from "./ast.ts";
import { syntaxError, syntaxErrorAtEnd } from "./errors.ts";
import type { Token } from "./token.ts";

/**
 * Begins every marker; a number follows. No user text can contain it where a name stands: unquoted names cannot hold it, and each
 * quoted name is itself replaced by a marker.
 */
export const MARK = "\u0002";
const MARK_PATTERN = /^\u0002(\d+)$/;
const MARKS_IN_MESSAGE = /"?\u0002(\d+)"?/g;

/** Stands in the grammar's text as a quoted name. */
export type Mark =
  | {
      readonly kind: "name";
      readonly identifier: Identifier;
      readonly backtick: boolean;
    }
  /** `array<…>`, `map<…>`, `struct<…>`: its tokens, with operators cut to single characters. */
  | { readonly kind: "type"; readonly tokens: readonly Token[] }
  /** The window whose ORDER BY carries the condition of QUALIFY. */
  | { readonly kind: "qualify"; readonly token: Token }
  /** `UPDATE SET *`, `INSERT *` of MERGE. */
  | { readonly kind: "star"; readonly token: Token }
  /** The column of an INSERT whose subscript is the condition of REPLACE WHERE. */
  | { readonly kind: "replace-where"; readonly token: Token };

/** What was taken out of the text, hung on the token it belongs to (a table's name, a function's name, a column's name). */
export type Note =
  | {
      readonly kind: "travel";
      readonly form: "version" | "timestamp";
      /** Tokens of the expression after AS OF. */
      readonly tokens: readonly Token[];
    }
  | { readonly kind: "try-cast" }
  | { readonly kind: "nulls"; readonly value: "ignore" | "respect" }
  | { readonly kind: "overwrite" }
  | { readonly kind: "by-name" }
  /** The first columns of an INSERT are those of PARTITION, with values as subscripts. */
  | { readonly kind: "partition"; readonly names: number }
  | { readonly kind: "evolution" }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "mask"; readonly mask: PolicyCall }
  | { readonly kind: "place"; readonly place: ColumnPlace }
  | {
      readonly kind: "create-table";
      readonly replace: boolean;
      readonly options: TableOptions;
    }
  | {
      readonly kind: "create-view";
      readonly ifNotExists: boolean;
      readonly comment?: string;
    };
export type NoteKind = Note["kind"];
type NoteOf<K extends NoteKind> = Extract<Note, { readonly kind: K }>;

interface Pinned {
  readonly note: Note;
  /** The token to blame when nothing takes the note. */
  readonly blame: Token;
}

export interface Source {
  readonly sql: string;
  readonly tokens: readonly Token[];
  /** What the grammar gets. */
  readonly text: string;
  /** Undefined: the text is the user's own ASCII text from the first token on. Else byte offset where each emitted piece begins … */
  readonly pieceStarts: readonly number[] | undefined;
  /** … and the index in `tokens` it stands for; `tokens.length` for the end. */
  readonly pieceTokens: readonly number[];
  readonly marks: readonly Mark[];
  readonly notes: Map<number, Pinned[]>;
  /** Position of what follows the last token: a semicolon or the end of the text. */
  readonly endPosition: number;
  /** The semicolon that ended the statement, if one did. */
  readonly terminator: Token | undefined;
}

/** Index in `source.tokens` of the token that covers a byte offset of `source.text`; `tokens.length` past the last. */
export function tokenIndexAt(source: Source, byteOffset: number): number {
  if (source.pieceStarts !== undefined) {
    const piece = lastAtMost(
      source.pieceStarts.length,
      byteOffset,
      (i) => source.pieceStarts?.[i] ?? 0,
    );
    return source.pieceTokens[piece] ?? source.tokens.length;
  }
  const base = source.tokens[0]?.start ?? 0;
  const last = source.tokens.at(-1);
  if (last === undefined || byteOffset + base >= last.end) {
    return source.tokens.length;
  }
  return lastAtMost(
    source.tokens.length,
    byteOffset + base,
    (i) => source.tokens[i]?.start ?? 0,
  );
}

/** The same for an offset that counts characters, as the grammar's errors do. */
export function tokenIndexAtCharacter(
  source: Source,
  characters: number,
): number {
  let units = 0;
  for (let i = 0; i < characters; i++) {
    units += (source.text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return tokenIndexAt(source, utf8Length(source.text.slice(0, units)));
}

/** Largest index below `count` whose value is at most `limit`; values ascend, and the first is taken when all are larger. */
function lastAtMost(
  count: number,
  limit: number,
  value: (index: number) => number,
): number {
  let low = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

/** Code points from 1 in the user's text. */
export function positionAt(source: Source, byteOffset: number): number {
  if (source.pieceStarts === undefined) {
    return (source.tokens[0]?.position ?? 1) + byteOffset;
  }
  const index = tokenIndexAt(source, byteOffset);
  return source.tokens[index]?.position ?? source.endPosition;
}

/** The mark behind a name of the tree, or undefined for a name that stands for itself. */
export function markOf(source: Source, name: string): Mark | undefined {
  if (!name.startsWith(MARK)) return undefined;
  const digits = MARK_PATTERN.exec(name)?.[1];
  return digits === undefined ? undefined : source.marks[Number(digits)];
}

/** A message of the grammar with the user's names in place of markers. */
export function withoutMarks(source: Source, message: string): string {
  return message.replace(MARKS_IN_MESSAGE, (_, digits: string) => {
    const mark = source.marks[Number(digits)];
    return mark?.kind === "name" ? `"${mark.identifier.name}"` : "";
  });
}

/** Takes the note of one kind off a token: each is used once, or the construct stood where it has no meaning. */
export function takeNote<K extends NoteKind>(
  source: Source,
  tokenIndex: number,
  kind: K,
): NoteOf<K> | undefined {
  const pinned = source.notes.get(tokenIndex);
  const at = pinned?.findIndex((p) => p.note.kind === kind) ?? -1;
  const note = pinned?.splice(at < 0 ? pinned.length : at, 1)[0]?.note;
  return note !== undefined && isKind(note, kind) ? note : undefined;
}

function isKind<K extends NoteKind>(note: Note, kind: K): note is NoteOf<K> {
  return note.kind === kind;
}

/** Throws 42601 at the first note that the tree had no place for. */
export function checkNotesTaken(source: Source): void {
  for (const pinned of source.notes.values()) {
    const left = pinned[0];
    if (left === undefined) continue;
    throw syntaxError(sourceText(source, left.blame), left.blame.position);
  }
}

export function sourceText(
  source: { readonly sql: string },
  token: Token,
): string {
  return source.sql.slice(token.start, token.end);
}

/** The name behind a marker; 42601 when something else than a name stood where the grammar takes one. */
export function nameOfMark(source: Source, mark: Mark): Identifier {
  if (mark.kind === "name") return mark.identifier;
  const token = mark.kind === "type" ? mark.tokens[0] : mark.token;
  if (token === undefined) throw syntaxErrorAtEnd(source.endPosition);
  throw syntaxError(sourceText(source, token), token.position);
}

/** Bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A surrogate pair is two units and four bytes.
    bytes += code < 0x800 || (code & 0xf800) === 0xd800 ? 1 : 2;
  }
  return bytes;
}
