// The columns of text files, from the beginning of each: names from headers and members, types from values. Later values of another
// type are what the mode says of bad ones.

import type { Column } from "../../storage/common/schema.ts";
import type { CsvFormat, JsonFormat } from "../../storage/files/format.ts";
import { mapConcurrently } from "../../storage/object-store/concurrently.ts";
import type { ObjectStore } from "../../storage/object-store/store.ts";
import { beginningOfText } from "./compressed.ts";
import { CsvRows, type TextRows } from "./csv-rows.ts";
import {
  guessedType,
  guessJson,
  guessText,
  wider,
  type Guess,
} from "./guess-type.ts";
import { JsonRows } from "./json-rows.ts";
import type { PlainFile } from "./list-files.ts";

/** Read of all files together; of each at least `LEAST_BYTES`, which a header takes. */
const SAMPLE_BYTES = 32 * 1024 * 1024;
const MOST_BYTES = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const CONCURRENCY = 16;

/** In the order in which the files, sorted by path, first show them. */
export async function inferColumns(
  store: ObjectStore,
  files: readonly PlainFile[],
  format: CsvFormat | JsonFormat,
): Promise<readonly Column[]> {
  const share = Math.floor(SAMPLE_BYTES / Math.max(1, files.length));
  const length = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, share));
  const found = await mapConcurrently(files, CONCURRENCY, async (file) => {
    const bytes = await store.read(file.path, { start: 0, length });
    const begun = await beginningOfText(
      file.path,
      {
        bytes: bytes ?? new Uint8Array(0),
        whole: file.sizeBytes <= length,
      },
      length,
    );
    return guessColumns(begun.bytes, begun.whole, format);
  });
  const merged = new Map<string, { readonly name: string; guess: Guess }>();
  for (const [name, guess] of found.flatMap((columns) => [...columns])) {
    const key = name.toLowerCase();
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { name, guess });
    else known.guess = wider(known.guess, guess);
  }
  return [...merged.values()].map(({ name, guess }) => ({
    name,
    type: guessedType(format.inferTypes ? guess : "text"),
    nullable: true,
  }));
}

function guessColumns(
  bytes: Uint8Array,
  whole: boolean,
  format: CsvFormat | JsonFormat,
): ReadonlyMap<string, Guess> {
  return format.kind === "csv"
    ? guessCsv(bytes, whole, format)
    : guessObjects(bytes, whole, format);
}

function guessCsv(
  bytes: Uint8Array,
  whole: boolean,
  format: CsvFormat,
): ReadonlyMap<string, Guess> {
  const rows = new CsvRows(format);
  rows.push(bytes);
  const names = headerNames(rows, format, whole);
  const guesses = new Map<string, Guess>(
    names?.map((name) => [name, undefined]),
  );
  while (rows.next(whole)) {
    if (rows.problem !== undefined) continue;
    for (let place = 0; place < rows.fields.count; place += 1) {
      const name = names === undefined ? `_c${place}` : names[place];
      const text = rows.fields.text(place);
      if (name === undefined) continue;
      const guess = text === null ? undefined : guessText(text);
      guesses.set(name, wider(guesses.get(name), guess));
    }
  }
  return guesses;
}

/** The first record of a file with a header: what its fields are called. Names that are missing or stand there twice count. */
export function headerNames(
  rows: TextRows,
  format: CsvFormat,
  atEnd: boolean,
): readonly string[] | undefined {
  if (!format.header || !rows.next(atEnd)) return undefined;
  const names: string[] = [];
  const taken = new Set<string>();
  for (let place = 0; place < rows.fields.count; place += 1) {
    const given = rows.fields.text(place) ?? "";
    const free = given !== "" && !taken.has(given.toLowerCase());
    const name = free ? given : `${given === "" ? "_c" : given}${place}`;
    taken.add(name.toLowerCase());
    names.push(name);
  }
  return names;
}

function guessObjects(
  bytes: Uint8Array,
  whole: boolean,
  { multiLine }: JsonFormat,
): ReadonlyMap<string, Guess> {
  const rows = new JsonRows([], multiLine);
  rows.push(bytes);
  const guesses = new Map<string, Guess>();
  while (rows.next(whole)) {
    for (const [name, value] of rows.object ?? [])
      guesses.set(name, wider(guesses.get(name), guessJson(value)));
  }
  return guesses;
}
