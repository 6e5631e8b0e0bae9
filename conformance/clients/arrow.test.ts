// Arrow results as pyarrow reads them: every type, alone and nested, against what it wrote itself and against JSON_ARRAY.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startTestGateway } from "../harness.ts";
import { run } from "./program.ts";

/** The environment of delta-rs, which brings pyarrow. */
const PYTHON = join(import.meta.dirname, "../../.cache/deltalake/bin/python");

test(
  "pyarrow reads every type of an Arrow result",
  { timeout: 180_000 },
  async () => {
    if (!existsSync(PYTHON))
      throw new Error(
        `${PYTHON} is needed: run conformance/clients/install.sh`,
      );
    const files = mkdtempSync(join(tmpdir(), "sluice-arrow-"));
    try {
      await using gateway = await startTestGateway({ fileRoots: { files } });
      const { stdout, stderr, code } = await run(
        PYTHON,
        [join(import.meta.dirname, "arrow-probe.py")],
        {
          env: {
            HOST: gateway.httpUrl,
            TOKEN: gateway.adminToken,
            FILES: files,
          },
        },
      );
      expect(code, stderr).toBe(0);
      expect(stdout.trimEnd().split("\n")).toEqual([
        "whole=2500 rows, wrong: []",
        "types=[]",
        "filtered=833 rows, wrong: []",
        "backwards=1234 rows, wrong: []",
        "as JSON_ARRAY=2500 rows, wrong: []",
        "chunks=True",
        "returning=[{'a': 1, 'price': Decimal('1.50')}, {'a': 2, 'price': None}]",
        "history=['WRITE', 'CREATE TABLE']",
        "names=['a', 'a']",
        "attachment=[{'seven': 7}]",
      ]);
    } finally {
      rmSync(files, { recursive: true, force: true });
    }
  },
);
