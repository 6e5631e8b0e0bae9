// TPC-H-like tables: the benchmark's schema, key structure and value ranges, with our own random text.
// Orders arrive in the order of their date, so that files of orders and lineitem cover ranges of dates.

import {
  DATE,
  INT4,
  INT8,
  TEXT,
  numeric,
} from "../../storage/common/data-type.ts";
import {
  pick,
  word,
  words,
  type DemoColumn,
  type DemoTable,
} from "./demo-table.ts";
import {
  ADJECTIVES,
  COLORS,
  NATIONS,
  NOUNS,
  REGIONS,
  VERBS,
} from "./tpch-words.ts";

const ORDER_FILES = 4;
const LINEITEM_FILES = 8;
/** Order dates run from 1992-01-01 over this many days. */
const ORDER_DAYS = 2_406;

const MONEY = numeric(15, 2);

function columns(text: string): DemoColumn[] {
  const types = { int: INT4, long: INT8, money: MONEY, text: TEXT, date: DATE };
  return text.split(" ").map((item) => {
    const [name = "", type = "text"] = item.split(":");
    return { name, type: types[type as keyof typeof types] };
  });
}

function comment(row: string, salt: number): string {
  return `${word(row, salt, ADJECTIVES)} || 'ly ' || ${word(row, salt + 1, ADJECTIVES)} || ' ' || ${word(row, salt + 2, NOUNS)} || ' ' || ${word(row, salt + 3, VERBS)} || ' ' || ${word(row, salt + 4, ADJECTIVES)} || ' ' || ${word(row, salt + 5, NOUNS)}`;
}

function money(row: string, salt: number, low: number, count: number): string {
  return `((${low} + ${pick(row, salt, count)}) / 100.0)::DECIMAL(15,2)`;
}

function phone(row: string, salt: number, nation: string): string {
  return `(${nation} + 10) || '-' || (100 + ${pick(row, salt, 900)}) || '-' || (100 + ${pick(row, salt + 1, 900)}) || '-' || (1000 + ${pick(row, salt + 2, 9000)})`;
}

const RETAIL_PRICE = (part: string): string =>
  `((90000 + (${part} // 10) % 20001 + 100 * (${part} % 1000)) / 100.0)::DECIMAL(15,2)`;
const ORDER_KEY = "((i - 1) // 8 * 32 + (i - 1) % 8 + 1)::BIGINT";
const CURRENT = "DATE '1995-06-17'";

function ranges(
  orders: number,
  files: number,
): readonly (readonly [number, number])[] {
  const step = orders / files;
  return Array.from(
    { length: files },
    (_, at) => [at * step + 1, (at + 1) * step + 1] as const,
  );
}

function table(
  name: string,
  fields: string,
  parts: readonly string[],
): DemoTable {
  return {
    schema: "tpch",
    name,
    columns: columns(fields),
    partitionColumns: [],
    parts,
    commitEachPart: false,
  };
}

const REGION_ROWS = REGIONS.map(
  (name, key) =>
    `SELECT ${key}::INTEGER, '${name}', ${comment(String(key), 30)}`,
);
const NATION_ROWS = NATIONS.map(
  ([name, region], key) =>
    `SELECT ${key}::INTEGER, '${name}', ${region}::INTEGER, ${comment(String(key), 40)}`,
);

/** All eight tables. @param scale the benchmark's scale factor; the demo lake's is a tenth */
export function tpchTables(scale: number): readonly DemoTable[] {
  const suppliers = Math.round(scale * 10_000);
  const partCount = Math.round(scale * 200_000);
  const customers = Math.round(scale * 150_000);
  const orders = Math.round(scale * 1_500_000);
  const supplierOf = (part: string, at: string): string =>
    `((${part} + ${at} * (${suppliers / 4} + (${part} - 1) // ${suppliers})) % ${suppliers} + 1)::INTEGER`;
  const orderDate = `(DATE '1992-01-01' + ((i - 1) * ${ORDER_DAYS - 8} // ${orders} + ${pick("i", 1, 8)})::INTEGER)`;
  /** Two of three customers order, as in the benchmark. */
  const orderCustomer = `(${pick("i", 2, customers / 3)} * 3 + 1 + ${pick("i", 3, 2)})::INTEGER`;

  /** The lines of orders `from` to `to`, with every column derived from order number i and line number n. */
  const lines = (from: number, to: number): string =>
    `SELECT i, n, ${ORDER_KEY} AS orderkey, part, ${supplierOf("part", pick("i * 8 + n", 13, 4))} AS supplier,
  (1 + ${pick("i * 8 + n", 14, 50)}) AS quantity, (${pick("i * 8 + n", 15, 11)} / 100.0)::DECIMAL(15,2) AS discount,
  (${pick("i * 8 + n", 16, 9)} / 100.0)::DECIMAL(15,2) AS tax, ship, ${orderDate} + 30 + ${pick("i * 8 + n", 18, 61)} AS committed,
  ship + 1 + ${pick("i * 8 + n", 19, 30)} AS receipt
FROM (SELECT i, n, 1 + ${pick("i * 8 + n", 12, partCount)} AS part, ${orderDate} + 1 + ${pick("i * 8 + n", 17, 121)} AS ship
  FROM (SELECT i, unnest(range(1, 2 + ${pick("i", 11, 7)})) AS n FROM range(${from}, ${to}) AS t(i)))`;

  return [
    table("region", "r_regionkey:int r_name r_comment", [
      REGION_ROWS.join(" UNION ALL "),
    ]),
    table("nation", "n_nationkey:int n_name n_regionkey:int n_comment", [
      NATION_ROWS.join(" UNION ALL "),
    ]),
    table(
      "supplier",
      "s_suppkey:int s_name s_address s_nationkey:int s_phone s_acctbal:money s_comment",
      [
        `SELECT i::INTEGER, 'Supplier#' || lpad(i::VARCHAR, 9, '0'), ${words("i", 50, COLORS, 2)}, ${pick("i", 51, 25)},
      ${phone("i", 52, pick("i", 51, 25))}, ${money("i", 55, -99_999, 1_099_998)},
      CASE WHEN i % 200 = 7 THEN 'Customer ' || ${word("i", 56, VERBS)} || ' Complaints' WHEN i % 200 = 9 THEN 'Customer Recommends' ELSE ${comment("i", 57)} END
     FROM range(1, ${suppliers + 1}) AS t(i)`,
      ],
    ),
    table(
      "part",
      "p_partkey:int p_name p_mfgr p_brand p_type p_size:int p_container p_retailprice:money p_comment",
      [
        `SELECT i::INTEGER, ${words("i", 60, COLORS, 5)}, 'Manufacturer#' || (1 + ${pick("i", 61, 5)}),
      'Brand#' || (1 + ${pick("i", 61, 5)}) || (1 + ${pick("i", 62, 5)}),
      ${word("i", 63, ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"])} || ' ' || ${word("i", 64, ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"])} || ' ' || ${word("i", 65, ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"])},
      1 + ${pick("i", 66, 50)},
      ${word("i", 67, ["SM", "LG", "MED", "JUMBO", "WRAP"])} || ' ' || ${word("i", 68, ["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"])},
      ${RETAIL_PRICE("i")}, ${word("i", 69, ADJECTIVES)} || ' ' || ${word("i", 70, NOUNS)}
     FROM range(1, ${partCount + 1}) AS t(i)`,
      ],
    ),
    table(
      "partsupp",
      "ps_partkey:int ps_suppkey:int ps_availqty:int ps_supplycost:money ps_comment",
      [
        `SELECT i::INTEGER, ${supplierOf("i", "j")}, 1 + ${pick("i * 4 + j", 80, 9999)}, ${money("i * 4 + j", 81, 100, 99_901)}, ${comment("i * 4 + j", 82)}
     FROM range(1, ${partCount + 1}) AS t(i), range(0, 4) AS u(j) ORDER BY i, j`,
      ],
    ),
    table(
      "customer",
      "c_custkey:int c_name c_address c_nationkey:int c_phone c_acctbal:money c_mktsegment c_comment",
      [
        `SELECT i::INTEGER, 'Customer#' || lpad(i::VARCHAR, 9, '0'), ${words("i", 90, COLORS, 2)}, ${pick("i", 91, 25)},
      ${phone("i", 92, pick("i", 91, 25))}, ${money("i", 95, -99_999, 1_099_998)},
      ${word("i", 96, ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"])}, ${comment("i", 97)}
     FROM range(1, ${customers + 1}) AS t(i)`,
      ],
    ),
    table(
      "orders",
      "o_orderkey:long o_custkey:int o_orderstatus o_totalprice:money o_orderdate:date o_orderpriority o_clerk o_shippriority:int o_comment",
      ranges(orders, ORDER_FILES).map(
        ([
          from,
          to,
        ]) => `SELECT ${ORDER_KEY}, ${orderCustomer}, status, total, ${orderDate},
      ${word("i", 110, ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"])}, 'Clerk#' || lpad((1 + ${pick("i", 111, 100)})::VARCHAR, 9, '0'), 0::INTEGER,
      CASE WHEN ${pick("i", 112, 80)} = 0 THEN 'special ' || ${word("i", 113, ADJECTIVES)} || ' requests' ELSE ${comment("i", 114)} END
     FROM (SELECT i, CASE WHEN bool_and(ship <= ${CURRENT}) THEN 'F' WHEN bool_and(ship > ${CURRENT}) THEN 'O' ELSE 'P' END AS status,
         sum(quantity * ${RETAIL_PRICE("part")} * (1 + tax) * (1 - discount))::DECIMAL(15,2) AS total
       FROM (${lines(from, to)}) GROUP BY i) ORDER BY i`,
      ),
    ),
    table(
      "lineitem",
      "l_orderkey:long l_partkey:int l_suppkey:int l_linenumber:int l_quantity:money l_extendedprice:money l_discount:money l_tax:money l_returnflag l_linestatus l_shipdate:date l_commitdate:date l_receiptdate:date l_shipinstruct l_shipmode l_comment",
      ranges(orders, LINEITEM_FILES).map(
        ([
          from,
          to,
        ]) => `SELECT orderkey, part, supplier, n::INTEGER, quantity::DECIMAL(15,2), (quantity * ${RETAIL_PRICE("part")})::DECIMAL(15,2), discount, tax,
      CASE WHEN receipt > ${CURRENT} THEN 'N' WHEN ${pick("i * 8 + n", 120, 2)} = 0 THEN 'R' ELSE 'A' END, CASE WHEN ship > ${CURRENT} THEN 'O' ELSE 'F' END,
      ship, committed, receipt, ${word("i * 8 + n", 121, ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"])},
      ${word("i * 8 + n", 122, ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"])}, ${word("i * 8 + n", 123, ADJECTIVES)} || ' ' || ${word("i * 8 + n", 124, NOUNS)}
     FROM (${lines(from, to)}) ORDER BY orderkey, n`,
      ),
    ),
  ];
}
