// The functions a statement over the system catalog may call: those of the planner that only compute, and PostgreSQL's own that read
// the catalog. Whatever acts on a session, a file or the server is not listed, and so refused before the mirror sees it.

import { isBuiltinFunction } from "../../planner/bind/library.ts";

/** Answered by the mirror even in a statement without relations. */
const CATALOG_FUNCTIONS: ReadonlySet<string> = new Set(
  `col_description format_type has_any_column_privilege has_column_privilege has_database_privilege
  has_foreign_data_wrapper_privilege has_function_privilege has_language_privilege has_parameter_privilege
  has_schema_privilege has_sequence_privilege has_server_privilege has_table_privilege has_tablespace_privilege
  has_type_privilege obj_description pg_collation_actual_version pg_collation_for pg_collation_is_visible
  pg_column_is_updatable pg_conversion_is_visible pg_database_collation_actual_version pg_database_size pg_describe_object
  pg_encoding_max_length pg_extension_config_dump pg_function_is_visible pg_get_catalog_foreign_keys pg_get_constraintdef
  pg_get_expr pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments
  pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_keywords
  pg_get_object_address pg_get_partition_constraintdef pg_get_partkeydef pg_get_replica_identity_index pg_get_ruledef
  pg_get_serial_sequence pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions
  pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object pg_identify_object_as_address
  pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_indexes_size pg_opclass_is_visible
  pg_operator_is_visible pg_opfamily_is_visible pg_options_to_table pg_partition_ancestors pg_partition_root
  pg_partition_tree pg_relation_is_publishable pg_relation_is_updatable pg_relation_size pg_sequence_parameters
  pg_stat_get_numscans pg_statistics_obj_is_visible pg_table_is_visible pg_table_size pg_tablespace_databases
  pg_tablespace_location pg_tablespace_size pg_total_relation_size pg_ts_config_is_visible pg_ts_dict_is_visible
  pg_ts_parser_is_visible pg_ts_template_is_visible pg_type_is_visible pg_timezone_abbrevs pg_timezone_names row_security_active shobj_description to_regclass
  to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
  _pg_char_max_length _pg_char_octet_length _pg_datetime_precision _pg_expandarray _pg_index_position _pg_interval_type
  _pg_keysequal _pg_numeric_precision _pg_numeric_precision_radix _pg_numeric_scale _pg_truetypid _pg_truetypmod`.split(
    /\s+/u,
  ),
);

/** Allowed beside relations of the catalog; alone they are the planner's or the session's. */
const GENERAL_FUNCTIONS: ReadonlySet<string> = new Set(
  `age aclcontains acldefault aclexplode any_value array_agg array_append array_cat array_dims array_length array_lower
  array_ndims array_position array_positions array_prepend array_remove array_replace array_to_json array_to_string
  array_upper ascii avg bit_and bit_length bit_or bool_and bool_or btrim cardinality ceil char_length character_length chr
  clock_timestamp coalesce concat concat_ws convert_from count cume_dist current_catalog current_database current_role
  current_schema current_schemas current_setting current_user date_part date_trunc decode dense_rank encode every extract
  first_value floor format generate_series generate_subscripts getdatabaseencoding greatest inet_client_addr
  inet_client_port inet_server_addr inet_server_port information_schema initcap int4 json_agg json_array_elements
  json_array_elements_text json_build_array json_build_object json_each json_each_text json_object_agg json_object_keys
  jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
  jsonb_object_agg lag last_value lead least left length lower lpad ltrim makeaclitem max md5 min mod now nth_value
  ntile nullif octet_length oidvectortypes parse_ident pg_backend_pid pg_char_to_encoding pg_client_encoding
  pg_conf_load_time pg_encoding_to_char pg_is_in_recovery pg_is_other_temp_schema pg_jit_available pg_my_temp_schema
  pg_postmaster_start_time pg_size_pretty  pg_typeof position quote_ident
  quote_literal quote_nullable rank regexp_count regexp_like regexp_match regexp_matches regexp_replace
  regexp_split_to_array regexp_split_to_table replace reverse right round row_number row_to_json rpad rtrim session_user
  split_part starts_with string_agg string_to_array string_to_table strpos substr substring sum to_char to_json to_jsonb
  to_number translate trim trunc unnest upper user version`.split(/\s+/u),
);

/** What the planner knows by name but the mirror must not run. */
const NEVER: ReadonlySet<string> = new Set(["set_config", "pg_sleep"]);

/** What ends sessions: the mirror says which, the gateway does it. */
export const ENDING: ReadonlySet<string> = new Set([
  "pg_cancel_backend",
  "pg_terminate_backend",
]);

const VOLATILE: ReadonlySet<string> = new Set([
  "age",
  "clock_timestamp",
  "gen_random_uuid",
  "inet_client_addr",
  "inet_client_port",
  "now",
  "pg_backend_pid",
  "random",
  "statement_timestamp",
  "timeofday",
  "transaction_timestamp",
]);

export function isCatalogFunction(name: string): boolean {
  return CATALOG_FUNCTIONS.has(name);
}

/** `name` in lower case. */
export function mayRelay(name: string): boolean {
  return (
    !NEVER.has(name) &&
    (CATALOG_FUNCTIONS.has(name) ||
      GENERAL_FUNCTIONS.has(name) ||
      isBuiltinFunction(name))
  );
}

/** False when an answer is only good once. */
export function isRepeatable(name: string): boolean {
  return !VOLATILE.has(name) && !ENDING.has(name);
}
