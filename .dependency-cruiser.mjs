// The layers of the style guide, one named rule for each line: server -> planner -> auth -> storage -> storage/common.

const TEST = "\\.(test|testkit)\\.ts$";

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "A cycle has no order in which to read it. Move the shared noun down. (Types may refer to each other.)",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "downward-storage",
      comment: "storage knows no users, no SQL text and no protocol.",
      severity: "error",
      from: { path: "^storage/", pathNot: TEST },
      to: { path: "^(server|planner|auth|conformance)/" },
    },
    {
      name: "downward-auth",
      comment: "auth decides on values; it knows no SQL text and no protocol.",
      severity: "error",
      from: { path: "^auth/", pathNot: TEST },
      to: { path: "^(server|planner|conformance)/" },
    },
    {
      name: "downward-planner",
      comment: "A plan does not know who runs it.",
      severity: "error",
      from: { path: "^planner/", pathNot: TEST },
      to: { path: "^(server|conformance)/" },
    },
    {
      name: "downward-server",
      comment: "conformance tests the server; the server does not know it.",
      severity: "error",
      from: { path: "^server/" },
      to: { path: "^conformance/" },
    },
    {
      name: "common-is-a-leaf",
      comment: "The shared vocabulary imports nothing but itself.",
      severity: "error",
      from: { path: "^storage/common/", pathNot: TEST },
      to: { pathNot: "^storage/common/" },
    },
    {
      name: "planner-is-pure",
      comment:
        "From storage and auth the planner takes types, and values only of storage/common.",
      severity: "error",
      from: { path: "^planner/", pathNot: TEST },
      to: {
        path: "^(storage|auth)/",
        pathNot: "^storage/common/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "planner-does-no-io",
      comment:
        "What the planner must ask arrives as an argument; libpg-query enters by parse/grammar.ts alone.",
      severity: "error",
      from: {
        path: "^planner/",
        pathNot: [TEST, "^planner/parse/grammar\\.ts$"],
      },
      to: { dependencyTypes: ["core", "npm"] },
    },
    {
      name: "phases-in-order-parse",
      comment: "Parsing sees text only.",
      severity: "error",
      from: { path: "^planner/parse/", pathNot: TEST },
      to: { path: "^planner/(bind|logical|functions|optimize|physical)/" },
    },
    {
      name: "phases-in-order-bind",
      comment: "Binding does not optimize.",
      severity: "error",
      from: { path: "^planner/bind/", pathNot: TEST },
      to: { path: "^planner/(optimize|physical)/" },
    },
    {
      name: "rules-stand-alone",
      comment:
        "A rule that needs another rule is one rule, or two in the list.",
      severity: "error",
      from: { path: "^planner/optimize/rules/", pathNot: TEST },
      to: { path: "^planner/optimize/rules/" },
    },
    {
      name: "protocols-apart",
      comment:
        "Both protocols speak to the same session and query; they never meet.",
      severity: "error",
      from: { path: "^server/pgwire/", pathNot: TEST },
      to: { path: "^server/http/" },
    },
    {
      name: "protocols-apart-http",
      comment:
        "Both protocols speak to the same session and query; they never meet.",
      severity: "error",
      from: { path: "^server/http/", pathNot: TEST },
      to: { path: "^server/pgwire/" },
    },
    {
      name: "duckdb-in-one-file",
      comment: "The kernel's API changes in one place.",
      severity: "error",
      from: { pathNot: "^storage/kernel/duckdb\\.ts$" },
      to: { path: "node_modules/@duckdb/" },
    },
    {
      name: "fastify-in-http-and-node",
      comment: "Only the HTTP API and the node process listen by fastify.",
      severity: "error",
      from: { pathNot: ["^server/http/", "^server/compute/node/"] },
      to: { path: "node_modules/fastify/" },
    },
    {
      name: "through-the-wire",
      comment:
        "conformance sees what a user sees: it starts a gateway and speaks to it. Properties share one seed. A bench may also run the kernel alone, as the other side.",
      severity: "error",
      from: { path: "^conformance/", pathNot: "^conformance/bench/" },
      to: {
        path: "^(server|planner|auth|storage)/",
        pathNot: "^(server/gateway|storage/common/property\\.testkit)\\.ts$",
      },
    },
    {
      name: "no-orphans",
      comment: "A file nobody imports is dead.",
      severity: "error",
      from: {
        orphan: true,
        pathNot: [
          TEST,
          "\\.d\\.ts$",
          "^server/main\\.ts$",
          "^server/compute/node/main\\.ts$",
        ],
      },
      to: {},
    },
    {
      name: "no-dev-dependency",
      comment:
        "Product code runs on dependencies, tests may use devDependencies.",
      severity: "error",
      from: { path: "^(server|planner|auth|storage)/", pathNot: TEST },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
    },
  },
};
