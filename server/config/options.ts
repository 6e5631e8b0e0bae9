// The table of start-up options: each is a flag, an environment variable SLUICE_… and a key of sluice.yaml (contract section 2).

export interface OptionRow {
  /** The flag without dashes; the yaml key is the same. */
  readonly name: string;
  readonly kind: "string" | "number" | "bytes" | "boolean" | "mapping" | "list";
  readonly value: string;
  readonly default?: string;
  readonly help: string;
}

/** Keys of the file alone. See store-config.ts: credentials belong on no command line. */
export const STORES_KEY = "stores";
/** See issuer-config.ts. */
export const ISSUERS_KEY = "issuers";
/** See access-rule-config.ts. */
export const ACCESS_RULES_KEY = "access-rules";
export const FILE_KEYS: readonly string[] = [
  STORES_KEY,
  ISSUERS_KEY,
  ACCESS_RULES_KEY,
];

export const SERVE_OPTIONS: readonly OptionRow[] = [
  {
    name: "lake",
    kind: "mapping",
    value: "NAME=PATH_OR_URL",
    help: "mount a folder of Delta tables as a catalog (repeatable)",
  },
  {
    name: "file-root",
    kind: "mapping",
    value: "NAME=PATH_OR_URL",
    help: "what read_files, COPY INTO and LOCATION may reach besides the lakes (repeatable)",
  },
  {
    name: "data-dir",
    kind: "string",
    value: "DIR",
    default: ".sluice",
    help: "metastore, keys, managed tables, spool",
  },
  {
    name: "host",
    kind: "string",
    value: "ADDRESS",
    default: "127.0.0.1",
    help: "address both listeners bind to",
  },
  {
    name: "pg-port",
    kind: "number",
    value: "PORT",
    default: "5433",
    help: "Postgres protocol; 0 picks a free port",
  },
  {
    name: "http-port",
    kind: "number",
    value: "PORT",
    default: "8080",
    help: "HTTP API; 0 picks a free port",
  },
  {
    name: "nodes",
    kind: "number",
    value: "N",
    default: "1",
    help: "local compute node processes",
  },
  {
    name: "node-memory",
    kind: "bytes",
    value: "SIZE",
    default: "2GB",
    help: "memory of each local node",
  },
  {
    name: "cache-dir",
    kind: "string",
    value: "DIR",
    help: "folder for what nodes spill, spool and fetch from object stores (default: in the data dir)",
  },
  {
    name: "cache-size",
    kind: "bytes",
    value: "SIZE",
    default: "20GB",
    help: "limit of that folder, and of the fetched files in it",
  },
  {
    name: "results-size",
    kind: "bytes",
    value: "SIZE",
    default: "20GB",
    help: "limit of HTTP results kept in that folder until they are fetched; half of it for one user",
  },
  {
    name: "admin-user",
    kind: "string",
    value: "NAME",
    default: "admin",
    help: "the first admin, made in an empty data dir",
  },
  {
    name: "tls-cert",
    kind: "string",
    value: "FILE",
    help: "certificate chain (PEM)",
  },
  { name: "tls-key", kind: "string", value: "FILE", help: "private key (PEM)" },
  {
    name: "tls-client-ca",
    kind: "string",
    value: "FILE",
    help: "authorities (PEM) whose client certificates an access rule `cert` takes",
  },
  {
    name: "tls-client-crl",
    kind: "string",
    value: "FILE",
    help: "client certificates that are revoked (PEM), a list of each authority",
  },
  {
    name: "trusted-proxies",
    kind: "list",
    value: "CIDR,…",
    help: "balancers whose X-Forwarded-For and PROXY protocol say who connects; the latter is required from them",
  },
  {
    name: "allow-insecure-http",
    kind: "boolean",
    value: "",
    default: "false",
    help: "serve HTTP without TLS behind trusted proxies",
  },
  {
    name: "history-days",
    kind: "number",
    value: "N",
    default: "30",
    help: "how long system.query_history keeps statements; 0 keeps none",
  },
  {
    name: "log-level",
    kind: "string",
    value: "LEVEL",
    default: "info",
    help: "fatal, error, warn, info, debug or silent",
  },
  {
    name: "demo",
    kind: "boolean",
    value: "",
    default: "false",
    help: "make the demo lake when the main lake is empty",
  },
];
