import { defineConfig, type ViteUserConfig } from "vitest/config";

// unit: what needs Node alone. clients: real outside programs. long: crash loops, fuzzing and soak at full count.
const suite = process.env["SLUICE_SUITE"] ?? "unit";
const CLIENTS = [
  "conformance/clients/**/*.test.ts",
  "conformance/copy/postgres.test.ts",
  "conformance/oracle/**/*.test.ts",
  "conformance/interop/**/*.test.ts",
  "storage/**/*.clients.test.ts",
];
const LONG = ["conformance/long/**/*.test.ts"];

const config: ViteUserConfig = defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    include:
      suite === "clients"
        ? CLIENTS
        : suite === "long"
          ? LONG
          : ["{server,planner,storage,auth,conformance}/**/*.test.ts"],
    exclude:
      suite === "unit"
        ? [...CLIENTS, ...LONG, "**/node_modules/**"]
        : ["**/node_modules/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

export default config;
