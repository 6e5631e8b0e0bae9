// The change data feed of a published table, and the commit times it shows.

import type pg from "pg";
import type {
  ChangeFeed,
  PublishedColumn,
  PublishedTable,
} from "./manifest.ts";
import {
  differentRows,
  differs,
  expectedRows,
  quoted,
  rowsOf,
  texts,
  type Failures,
} from "./published-query.ts";

const CHANGE_COLUMNS: readonly PublishedColumn[] = [
  { name: "_change_type", type: "string" },
  { name: "_commit_version", type: "long" },
];

function changesOf(name: string, { from, to }: ChangeFeed): string {
  return `table_changes('${quoted(name).replaceAll("'", "''")}', ${from}, ${to})`;
}

export async function checkChanges(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const feed = expect.change_data_feed;
  if (feed === undefined) return [];
  const counted = await texts(
    client,
    `SELECT _commit_version, _change_type, count(*) FROM ${changesOf(name, feed)} GROUP BY 1, 2`,
  );
  const expected = Object.entries(feed.counts).flatMap(([version, counts]) =>
    Object.entries(counts).map(
      ([type, count]) => `${version} ${type} ${count}`,
    ),
  );
  const counts = differs(
    "changes",
    counted.map((row) => row.join(" ")).sort(),
    expected.sort(),
  );
  if (feed.rows === undefined) return counts;
  const columns = [...(expect.columns ?? []), ...CHANGE_COLUMNS];
  const actual = await rowsOf(client, changesOf(name, feed), columns);
  return [
    ...counts,
    ...differentRows("change", actual, expectedRows(feed.rows, columns)),
  ];
}

/** In-commit timestamps show in the change feed, and decide what TIMESTAMP AS OF finds. */
export async function checkCommitTimes(
  client: pg.Client,
  { name, expect }: PublishedTable,
): Promise<Failures> {
  const times = expect.in_commit_timestamps;
  const feed = expect.change_data_feed;
  if (times === undefined || feed === undefined) return [];
  const changed = await texts(
    client,
    `SELECT DISTINCT _commit_version, (extract(epoch from _commit_timestamp) * 1000)::bigint FROM ${changesOf(name, feed)} ORDER BY 1`,
  );
  return changed.flatMap(([version, timeMs]) =>
    differs(`time of ${version ?? ""}`, Number(timeMs), times[version ?? ""]),
  );
}
