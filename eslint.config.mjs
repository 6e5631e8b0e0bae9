import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/**", "node_modules/**", ".cache/**", "**/*.mjs"] },
  {
    files: ["**/*.ts"],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["vitest.config.ts"] },
      },
    },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExportAllDeclaration",
          message: "import from the file that defines the thing",
        },
        { selector: "ExportDefaultDeclaration", message: "named exports only" },
      ],
      "no-restricted-imports": [
        "error",
        {
          name: "fast-check",
          message: "take fc of storage/common/property.testkit.ts",
        },
      ],
      complexity: ["error", 15],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      "max-lines": [
        "error",
        { max: 400, skipBlankLines: true, skipComments: true },
      ],
    },
  },
  {
    files: ["**/*.test.ts", "**/*.testkit.ts", "conformance/**/*.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["storage/common/property.testkit.ts"],
    rules: { "no-restricted-imports": "off" },
  },
  {
    files: ["**/*.config.ts", "**/*.d.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
