// The sample schema of the recorded client traffic, as far as Delta tables can have it: no keys, indexes, defaults or declared text types.

import type pg from "pg";

const STATEMENTS = [
  "CREATE SCHEMA sales",
  "COMMENT ON SCHEMA sales IS 'Sales facts and dimensions'",
  `CREATE TABLE sales.customers (customer_id integer NOT NULL, code text NOT NULL, name text NOT NULL, email text,
    is_active boolean NOT NULL, birth_date date, created_at timestamp NOT NULL, external_id text)`,
  `CREATE TABLE sales.orders (order_id bigint NOT NULL, customer_id integer NOT NULL, status text NOT NULL, priority smallint,
    amount numeric(12,2) NOT NULL, discount real, tax_rate double precision, order_date date NOT NULL, shipped_at timestamptz, note text)`,
  `CREATE TABLE sales.events (event_id bigint NOT NULL, order_id bigint, kind text NOT NULL, payload text, raw bytea, tags text[],
    scores integer[], session_id text, happened_at timestamptz NOT NULL, local_time timestamp)`,
  "COMMENT ON TABLE sales.customers IS 'One row per customer'",
  "COMMENT ON TABLE sales.orders IS 'One row per order'",
  `CREATE VIEW sales.order_totals AS SELECT c.customer_id, c.name, count(*) AS order_count, sum(o.amount) AS total_amount
    FROM sales.customers c JOIN sales.orders o ON o.customer_id = c.customer_id GROUP BY c.customer_id, c.name`,
  "CREATE TABLE public.notes (id integer NOT NULL, body text)",
  `CREATE TABLE public."Mixed Case" ("Id" integer, "Full Name" text, "select" boolean)`,
];

/** Comments are left out while the gateway does not take COMMENT ON. */
export async function makeSampleSchema(client: pg.Client): Promise<void> {
  for (const sql of STATEMENTS) await client.query(sql);
}
