// The log of a table that a test made: actions of each commit as other engines see them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";

export type LogAction = Readonly<
  Record<string, Readonly<Record<string, unknown>>>
>;

export async function locationOf(
  client: pg.Client,
  table: string,
): Promise<string> {
  const { rows } = await client.query<{ readonly location: string }>(
    `DESCRIBE DETAIL ${table}`,
  );
  return rows[0]?.location ?? "";
}

/** Actions by version, in the order of the file. */
export async function commitsOf(
  client: pg.Client,
  table: string,
): Promise<readonly (readonly LogAction[])[]> {
  const folder = join(await locationOf(client, table), "_delta_log");
  return readdirSync(folder)
    .filter((name) => /^\d{20}\.json$/.test(name))
    .sort()
    .map((name) =>
      readFileSync(join(folder, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as LogAction),
    );
}

/** The newest action of a kind. */
export async function latest(
  client: pg.Client,
  table: string,
  kind: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const commits = await commitsOf(client, table);
  return commits.flat().findLast((action) => kind in action)?.[kind];
}

/** Fields of the newest schema. */
export async function fieldsOf(
  client: pg.Client,
  table: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const metaData = await latest(client, table, "metaData");
  const schema = JSON.parse(String(metaData?.["schemaString"])) as {
    readonly fields: readonly Readonly<Record<string, unknown>>[];
  };
  return schema.fields;
}
