// A small kernel for encoder tests, and a reader of DataRow messages.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataType } from "../../../../storage/common/data-type.ts";
import { Kernel } from "../../../../storage/kernel/kernel.ts";
import { DEFAULT_OUTPUT, type ResultFormat } from "../../../session/result.ts";
import { rowEncoder } from "./rows.ts";

export function openKernel(): Promise<Kernel> {
  const dir = mkdtempSync(join(tmpdir(), "sluice-encode-"));
  return Kernel.open({
    threads: 1,
    memoryBytes: 500_000_000,
    tempDir: dir,
    tempBytes: 100_000_000,
    allowedDirs: [],
    functions: [],
  });
}

/** Runs a query and encodes all its rows. */
export async function encodeQuery(
  kernel: Kernel,
  sql: string,
  types: readonly DataType[],
  format: ResultFormat,
): Promise<Buffer> {
  const connection = await kernel.connect();
  const result = await connection.run(sql);
  const columns = types.map((type, index) => ({
    name: `c${index}`,
    type,
    representation: { kind: "native" as const },
  }));
  const encoder = await rowEncoder(format, columns, result.columnTypes());
  const chunks = await result.fetchAllChunks();
  const bytes = chunks.map((chunk) => encoder.encode([chunk]).bytes);
  connection.closeSync();
  return Buffer.concat(bytes);
}

export function postgresFormat(
  formats: readonly ("text" | "binary")[],
  settings: Partial<typeof DEFAULT_OUTPUT> = {},
): ResultFormat {
  return {
    kind: "postgres",
    formats,
    output: { ...DEFAULT_OUTPUT, ...settings },
  };
}

/** `rows[r][c]`: the cell's bytes, null for NULL. Throws where the messages do not fit their lengths. */
export function readDataRows(bytes: Buffer): (Buffer | null)[][] {
  const rows: (Buffer | null)[][] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 0x44) throw new RangeError(`no DataRow at ${at}`);
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    const count = bytes.readUInt16BE(at + 5);
    let cell = at + 7;
    const row: (Buffer | null)[] = [];
    for (let i = 0; i < count; i++) {
      const length = bytes.readInt32BE(cell);
      cell += 4;
      row.push(length < 0 ? null : bytes.subarray(cell, cell + length));
      cell += Math.max(0, length);
    }
    if (cell !== end)
      throw new RangeError(`a DataRow ends at ${cell}, not ${end}`);
    rows.push(row);
    at = end;
  }
  return rows;
}
