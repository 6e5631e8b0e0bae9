// Every setting a session knows, as a list to read: PostgreSQL 15's names, spellings, defaults and ranges, with our own defaults where
// contract.md sections 3 and 4 fix them. Settings that steer nothing here are kept because clients set and show them.
// Columns: name, type, who may set it, default, base unit, least, most, allowed words, description.

const ROWS = `
application_name|string|user||||||Sets the application name to be reported in statistics and logs
array_nulls|bool|user|on|||||Enable input of NULL elements in arrays
backslash_quote|enum|user|safe_encoding||||safe_encoding,on,off|Sets whether "\\'" is allowed in string literals
block_size|int|fixed|8192||8192|8192||Shows the size of a disk block
bytea_output|enum|user|hex||||escape,hex|Sets the output format for bytea
client_encoding|string|user|UTF8|||||Sets the client's character set encoding
client_min_messages|enum|user|notice||||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error|Sets the message levels that are sent to the client
constraint_exclusion|enum|user|partition||||partition,on,off|Enables the planner to use constraints to optimize queries
cpu_index_tuple_cost|real|user|0.005||0|1.79769e+308||Sets the planner's estimate of the cost of processing each index entry during an index scan
cpu_operator_cost|real|user|0.0025||0|1.79769e+308||Sets the planner's estimate of the cost of processing each operator or function call
cpu_tuple_cost|real|user|0.01||0|1.79769e+308||Sets the planner's estimate of the cost of processing each tuple (row)
cursor_tuple_fraction|real|user|0.1||0|1||Sets the planner's estimate of the fraction of a cursor's rows that will be retrieved
data_checksums|bool|fixed|off|||||Shows whether data checksums are turned on for this cluster
DateStyle|string|user|ISO, MDY|||||Sets the display format for date and time values
deadlock_timeout|int|fixed|1000|ms|1|2147483647||Sets the time to wait on a lock before checking for deadlock
default_statistics_target|int|user|100||1|10000||Sets the default statistics target
default_table_access_method|string|user|heap|||||Sets the default table access method for new tables
default_tablespace|string|user||||||Sets the default tablespace to create tables and indexes in
default_text_search_config|string|user|pg_catalog.simple|||||Sets default text search configuration
default_toast_compression|enum|user|pglz||||pglz,lz4|Sets the default compression method for compressible values
default_transaction_deferrable|bool|user|off|||||Sets the default deferrable status of new transactions
default_transaction_isolation|enum|user|read committed||||serializable,repeatable read,read committed,read uncommitted|Sets the transaction isolation level of each new transaction
default_transaction_read_only|bool|user|off|||||Sets the default read-only status of new transactions
effective_cache_size|int|user|524288|8kB|1|2147483647||Sets the planner's assumption about the total size of the data caches
enable_bitmapscan|bool|user|on|||||Enables the planner's use of bitmap-scan plans
enable_gathermerge|bool|user|on|||||Enables the planner's use of gather merge plans
enable_hashagg|bool|user|on|||||Enables the planner's use of hashed aggregation plans
enable_hashjoin|bool|user|on|||||Enables the planner's use of hash join plans
enable_incremental_sort|bool|user|on|||||Enables the planner's use of incremental sort steps
enable_indexonlyscan|bool|user|on|||||Enables the planner's use of index-only-scan plans
enable_indexscan|bool|user|on|||||Enables the planner's use of index-scan plans
enable_material|bool|user|on|||||Enables the planner's use of materialization
enable_memoize|bool|user|on|||||Enables the planner's use of memoization
enable_mergejoin|bool|user|on|||||Enables the planner's use of merge join plans
enable_nestloop|bool|user|on|||||Enables the planner's use of nested-loop join plans
enable_parallel_append|bool|user|on|||||Enables the planner's use of parallel append plans
enable_parallel_hash|bool|user|on|||||Enables the planner's use of parallel hash plans
enable_partition_pruning|bool|user|on|||||Enables plan-time and execution-time partition pruning
enable_partitionwise_aggregate|bool|user|off|||||Enables partitionwise aggregation and grouping
enable_partitionwise_join|bool|user|off|||||Enables partitionwise join
enable_seqscan|bool|user|on|||||Enables the planner's use of sequential-scan plans
enable_sort|bool|user|on|||||Enables the planner's use of explicit sort steps
enable_tidscan|bool|user|on|||||Enables the planner's use of TID scan plans
escape_string_warning|bool|user|on|||||Warn about backslash escapes in ordinary string literals
extra_float_digits|int|user|1||-15|3||Sets the number of digits displayed for floating-point values
force_parallel_mode|enum|user|off||||off,on,regress|Forces use of parallel query facilities
from_collapse_limit|int|user|8||1|2147483647||Sets the FROM-list size beyond which subqueries are not collapsed
geqo|bool|user|on|||||Enables genetic query optimization
hash_mem_multiplier|real|user|2||1|1000||Multiple of work_mem to use for hash tables
idle_in_transaction_session_timeout|int|user|0|ms|0|2147483647||Sets the maximum allowed idle time between queries, when in a transaction
idle_session_timeout|int|user|0|ms|0|2147483647||Sets the maximum allowed idle time between queries, when not in a transaction
in_hot_standby|bool|fixed|off|||||Shows whether hot standby is currently active
integer_datetimes|bool|fixed|on|||||Shows whether datetimes are integer based
IntervalStyle|enum|user|postgres||||postgres,postgres_verbose,sql_standard,iso_8601|Sets the display format for interval values
is_superuser|bool|fixed|off|||||Shows whether the current user is an administrator
jit|bool|user|off|||||Allow JIT compilation
join_collapse_limit|int|user|8||1|2147483647||Sets the FROM-list size beyond which JOIN constructs are not flattened
lc_collate|string|fixed|C.UTF-8|||||Shows the collation order locale
lc_ctype|string|fixed|C.UTF-8|||||Shows the character classification and case conversion locale
lc_messages|string|fixed|C.UTF-8|||||Sets the language in which messages are displayed
lc_monetary|string|user|C.UTF-8|||||Sets the locale for formatting monetary amounts
lc_numeric|string|user|C.UTF-8|||||Sets the locale for formatting numbers
lc_time|string|user|C.UTF-8|||||Sets the locale for formatting date and time values
lock_timeout|int|user|0|ms|0|2147483647||Sets the maximum allowed duration of any wait for a lock
maintenance_work_mem|int|user|65536|kB|1024|2147483647||Sets the maximum memory to be used for maintenance operations
max_connections|int|fixed|100||1|262143||Sets the maximum number of concurrent connections
max_function_args|int|fixed|100||100|100||Shows the maximum number of function arguments
max_identifier_length|int|fixed|63||63|63||Shows the maximum identifier length
max_index_keys|int|fixed|32||32|32||Shows the maximum number of index keys
max_parallel_maintenance_workers|int|user|2||0|1024||Sets the maximum number of parallel processes per maintenance operation
max_parallel_workers|int|user|8||0|1024||Sets the maximum number of parallel workers that can be active at one time
max_parallel_workers_per_gather|int|user|2||0|1024||Sets the maximum number of parallel processes per executor node
max_prepared_transactions|int|fixed|0||0|262143||Sets the maximum number of simultaneously prepared transactions
max_stack_depth|int|fixed|2048|kB|100|2147483647||Sets the maximum stack depth, in kilobytes
min_parallel_index_scan_size|int|user|64|8kB|0|715827882||Sets the minimum amount of index data for a parallel scan
min_parallel_table_scan_size|int|user|1024|8kB|0|715827882||Sets the minimum amount of table data for a parallel scan
parallel_setup_cost|real|user|1000||0|1.79769e+308||Sets the planner's estimate of the cost of starting up worker processes for parallel query
parallel_tuple_cost|real|user|0.1||0|1.79769e+308||Sets the planner's estimate of the cost of passing each tuple (row) from worker to leader backend
password_encryption|enum|user|scram-sha-256||||md5,scram-sha-256|Chooses the algorithm for encrypting passwords
plan_cache_mode|enum|user|auto||||auto,force_generic_plan,force_custom_plan|Controls the planner's selection of custom or generic plan
quote_all_identifiers|bool|user|off|||||When generating SQL fragments, quote all identifiers
random_page_cost|real|user|4||0|1.79769e+308||Sets the planner's estimate of the cost of a nonsequentially fetched disk page
role|string|user|none|||||Sets the current role
row_security|bool|user|on|||||Enable row security
search_path|string|user|public|||||Sets the schema search order for names that are not schema-qualified
seq_page_cost|real|user|1||0|1.79769e+308||Sets the planner's estimate of the cost of a sequentially fetched disk page
server_encoding|string|fixed|UTF8|||||Shows the server (database) character set encoding
server_version|string|fixed|15.20 (Sluice 0.1.0)|||||Shows the server version
server_version_num|int|fixed|150020||150018|150018||Shows the server version as an integer
session_authorization|string|user||||||Sets the session user name
session_replication_role|enum|fixed|origin||||origin,replica,local|Sets the session's behavior for triggers and rewrite rules
sluice.progress_interval|int|user|10000|ms|0|2147483647||Sets the time between messages about the progress of OPTIMIZE, VACUUM, INSERT, CREATE TABLE AS and COPY; 0 sends none
spark.sql.sources.partitionOverwriteMode|enum|user|static||||static,dynamic|What INSERT OVERWRITE replaces: the whole table, or the partitions that new rows lie in
ssl_library|string|fixed|OpenSSL|||||Shows the name of the SSL library
spark.databricks.delta.schema.autoMerge.enabled|bool|user|off|||||Lets INSERT and MERGE add the source's new columns to the table
spark.databricks.delta.retentionDurationCheck.enabled|bool|user|on|||||Refuses a VACUUM that keeps files for less time than the table asks for
standard_conforming_strings|bool|user|on|||||Causes '...' strings to treat backslashes literally
statement_timeout|int|user|0|ms|0|2147483647||Sets the maximum allowed duration of any statement
synchronous_commit|enum|user|on||||local,remote_write,remote_apply,on,off|Sets the current transaction's synchronization level
temp_buffers|int|user|1024|8kB|100|1073741823||Sets the maximum number of temporary buffers used by each session
TimeZone|string|user|UTC|||||Sets the time zone for displaying and interpreting time stamps
track_activities|bool|fixed|on|||||Collects information about executing commands
track_counts|bool|fixed|on|||||Collects statistics on database activity
transaction_deferrable|bool|user|off|||||Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures
transaction_isolation|enum|user|read committed||||serializable,repeatable read,read committed,read uncommitted|Sets the current transaction's isolation level
transaction_read_only|bool|user|off|||||Sets the current transaction's read-only status
work_mem|int|user|4096|kB|64|2147483647||Sets the maximum memory to be used for query workspaces
`;

export type SettingType = "bool" | "int" | "real" | "string" | "enum";

export interface SettingDefinition {
  /** As SHOW spells it: `TimeZone`. */
  readonly name: string;
  readonly type: SettingType;
  /** `fixed` ones are shown and never set. */
  readonly access: "user" | "fixed";
  readonly initial: string;
  /** What a number without unit means: `ms`, `s`, `kB`, `8kB`, or empty. */
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  readonly words: readonly string[];
  readonly description: string;
}

/** Sorted as SHOW ALL lists them. */
export const SETTINGS: readonly SettingDefinition[] = ROWS.trim()
  .split("\n")
  .map(definition);

const BY_NAME: ReadonlyMap<string, SettingDefinition> = new Map(
  SETTINGS.map((setting) => [setting.name.toLowerCase(), setting]),
);

/** The settings whose changes are reported to the client, in PostgreSQL's order (manual, "Asynchronous Operations"). */
export const REPORTED: readonly string[] = [
  "application_name",
  "client_encoding",
  "DateStyle",
  "default_transaction_read_only",
  "in_hot_standby",
  "integer_datetimes",
  "IntervalStyle",
  "is_superuser",
  "server_encoding",
  "server_version",
  "session_authorization",
  "standard_conforming_strings",
  "TimeZone",
];

/** `undefined` when PostgreSQL has no such setting; names compare without case. */
export function findSetting(name: string): SettingDefinition | undefined {
  return BY_NAME.get(name.toLowerCase());
}

function definition(row: string): SettingDefinition {
  const [
    name = "",
    type = "",
    access = "",
    initial = "",
    unit = "",
    least = "",
    most = "",
    words = "",
    description = "",
  ] = row.split("|");
  return {
    name,
    type: settingType(type),
    access: access === "fixed" ? "fixed" : "user",
    initial,
    unit,
    least: least === "" ? -Infinity : Number(least),
    most: most === "" ? Infinity : Number(most),
    words: words === "" ? [] : words.split(","),
    description,
  };
}

function settingType(text: string): SettingType {
  switch (text) {
    case "bool":
    case "int":
    case "real":
    case "enum":
      return text;
    default:
      return "string";
  }
}
