// Asking a gateway about a published table, and saying how an answer differs from what is known.

import pg from "pg";
import type { PublishedColumn, PublishedRow } from "./manifest.ts";
import { actualValue, expectedValue, shapeOf } from "./published-value.ts";

/** What is wrong; empty when all is right. */
export type Failures = readonly string[];

export function messageOf(error: unknown): string {
  if (!(error instanceof pg.DatabaseError)) return String(error);
  return `${error.code ?? ""} ${error.message} ${error.detail ?? ""}`.trim();
}

/** SQLSTATE, message and detail of the statement's failure; undefined when it succeeds. */
export async function failureOf(
  client: pg.Client,
  sql: string,
): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export async function texts(
  client: pg.Client,
  sql: string,
): Promise<readonly (readonly (string | null)[])[]> {
  const result = await client.query<(string | null)[]>({
    text: sql,
    rowMode: "array",
  });
  return result.rows;
}

export function differs(
  what: string,
  actual: unknown,
  expected: unknown,
): Failures {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is === wanted) return [];
  const at = Array.from(is).findIndex((char, i) => char !== wanted.charAt(i));
  const part = (text: string): string =>
    text.slice(Math.max(0, at - 60), Math.max(0, at) + 160);
  return [`${what} is ${part(is)}, not ${part(wanted)}`];
}

/** Each row as one text, sorted: rows have no order. Arrays travel as JSON, so that all nested values are read alike. */
export async function rowsOf(
  client: pg.Client,
  from: string,
  columns: readonly PublishedColumn[],
): Promise<readonly string[]> {
  const items = columns.map(({ name, type }) =>
    type.startsWith("array") ? `to_jsonb(${quoted(name)})` : quoted(name),
  );
  const rows = await texts(client, `SELECT ${items.join(", ")} FROM ${from}`);
  return rows
    .map((row) =>
      JSON.stringify(
        columns.map(({ type }, at) =>
          actualValue(row[at] ?? null, shapeOf(type)),
        ),
      ),
    )
    .sort();
}

export function expectedRows(
  rows: readonly PublishedRow[],
  columns: readonly PublishedColumn[] = [],
): readonly string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        columns.map(({ name, type }) =>
          expectedValue(row[name] ?? null, shapeOf(type)),
        ),
      ),
    )
    .sort();
}

export function differentRows(
  what: string,
  actual: readonly string[],
  expected: readonly string[],
): Failures {
  const at = expected.findIndex((row, index) => row !== actual[index]);
  return [
    ...differs(`${what} count`, actual.length, expected.length),
    ...(at < 0 ? [] : differs(`${what} ${at}`, actual[at] ?? "", expected[at])),
  ];
}
