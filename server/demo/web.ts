// Advertising events as in the Yahoo streaming benchmark: web.events partitioned by day, one commit for every two hours of the
// day as a feed would write them, and web.campaigns that maps ads to campaigns.

import { DATE, TEXT, TIMESTAMPTZ } from "../../storage/common/data-type.ts";
import { pick, word, type DemoTable } from "./demo-table.ts";

const DAYS = 30;
const ROWS_PER_FILE = 2_000;
const ADS = 1_000;
const ADS_PER_CAMPAIGN = 10;
const FIRST_DAY = "DATE '2026-01-01'";

/** A stable name in the shape of a UUID. */
function uuidOf(kind: string, number: string): string {
  return `md5('${kind}' || ${number})::UUID::VARCHAR`;
}

/** Rows of one two-hour block on every day. */
function eventsOf(block: number): string {
  const row = `((d * 12 + ${block}) * ${ROWS_PER_FILE} + i)`;
  return `SELECT ${uuidOf("user", pick(row, 1, 5_000))}, ${uuidOf("page", pick(row, 2, 200))}, ${uuidOf("ad", pick(row, 3, ADS))},
    ${word(row, 4, ["banner", "modal", "sponsored-search", "mail", "mobile"])}, ${word(row, 5, ["view", "click", "purchase"])},
    ((${FIRST_DAY} + d::INTEGER)::TIMESTAMP + to_hours(${block * 2}) + to_microseconds((i * 3600000 + hash(${row}, 6) % 3600 * 1000)::BIGINT))::TIMESTAMPTZ AS event_time,
    '10.' || ${pick(row, 7, 256)} || '.' || ${pick(row, 8, 256)} || '.' || (1 + ${pick(row, 9, 254)}),
    ${FIRST_DAY} + d::INTEGER
  FROM range(0, ${DAYS}) AS t(d), range(0, ${ROWS_PER_FILE}) AS u(i) ORDER BY d, event_time`;
}

export const WEB_TABLES: readonly DemoTable[] = [
  {
    schema: "web",
    name: "campaigns",
    columns: [
      { name: "ad_id", type: TEXT },
      { name: "campaign_id", type: TEXT },
    ],
    partitionColumns: [],
    parts: [
      `SELECT ${uuidOf("ad", "i")}, ${uuidOf("campaign", `(i // ${ADS_PER_CAMPAIGN})`)} FROM range(0, ${ADS}) AS t(i)`,
    ],
    commitEachPart: false,
  },
  {
    schema: "web",
    name: "events",
    columns: [
      { name: "user_id", type: TEXT },
      { name: "page_id", type: TEXT },
      { name: "ad_id", type: TEXT },
      { name: "ad_type", type: TEXT },
      { name: "event_type", type: TEXT },
      { name: "event_time", type: TIMESTAMPTZ },
      { name: "ip_address", type: TEXT },
      { name: "event_date", type: DATE },
    ],
    partitionColumns: ["event_date"],
    parts: Array.from({ length: 12 }, (_, block) => eventsOf(block)),
    commitEachPart: true,
  },
];
