// Spark with its own Delta implementation as a process of this one: one session, asked statement by statement.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { requireProgram, start } from "../clients/program.ts";
import type { PublishedColumn, PublishedRow } from "../delta/manifest.ts";

const JARS = join(import.meta.dirname, "../../.cache/spark");

/** Spark on Java 17 reaches into these; its own launcher opens them too. */
const OPENED = [
  ...["lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util"],
  ...["util.concurrent", "util.concurrent.atomic"],
].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);
const OPENED_INSIDE = ["sun.nio.ch", "sun.nio.cs", "sun.security.action"].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

const SETTINGS = {
  "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
  "spark.sql.catalog.spark_catalog":
    "org.apache.spark.sql.delta.catalog.DeltaCatalog",
  "spark.driver.host": "127.0.0.1",
  "spark.driver.bindAddress": "127.0.0.1",
  "spark.ui.enabled": "false",
  "spark.log.level": "ERROR",
  "spark.sql.catalogImplementation": "in-memory",
  "spark.sql.shuffle.partitions": "1",
  "spark.sql.adaptive.enabled": "false",
  "spark.databricks.delta.snapshotPartitions": "1",
  "spark.databricks.delta.retentionDurationCheck.enabled": "false",
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.datetime.java8API.enabled": "true",
};

export interface SparkAnswer {
  readonly columns: readonly PublishedColumn[];
  readonly rows: readonly PublishedRow[];
}

export interface Spark extends AsyncDisposable {
  /** One statement at a time, each after the one before; rejects with Spark's message. */
  sql(statement: string): Promise<SparkAnswer>;
}

/** `warehouse`: a folder of the caller's, for what Spark keeps besides tables. */
export async function startSpark(warehouse: string): Promise<Spark> {
  requireProgram("java", "default-jdk-headless");
  if (!existsSync(join(JARS, "complete")))
    throw new Error(
      "Spark is needed: run conformance/clients/install.sh, which puts its jars into .cache/spark",
    );
  const settings = {
    ...SETTINGS,
    "spark.sql.warehouse.dir": warehouse,
    "spark.local.dir": warehouse,
  };
  const program = start("java", [
    ...["-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
    ...["-Duser.timezone=UTC", "-Dfile.encoding=UTF-8"],
    ...[...OPENED, ...OPENED_INSIDE],
    ...["-cp", join(JARS, "*")],
    join(import.meta.dirname, "SparkSql.java"),
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ]);
  const { stdin, stdout } = program.process;
  if (stdin === null || stdout === null) throw new Error("no pipes to Spark");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done !== true) return line.value;
    throw new Error(
      `Spark ended: ${(await program.ended).stderr.slice(-4000)}`,
    );
  };
  await answer();
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (statement: string): Promise<SparkAnswer> => {
    stdin.write(`${JSON.stringify(statement)}\n`);
    const found = JSON.parse(await answer()) as Partial<SparkAnswer> & {
      readonly error?: string;
    };
    if (found.error !== undefined)
      throw new Error(`Spark: ${found.error}\n${statement}`);
    return { columns: found.columns ?? [], rows: found.rows ?? [] };
  };
  return {
    sql: (statement) => {
      const asked = last.then(() => ask(statement));
      last = asked.catch(() => undefined);
      return asked;
    },
    [Symbol.asyncDispose]: async () => {
      stdin.end();
      await program.ended;
    },
  };
}
