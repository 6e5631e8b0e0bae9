// An embedded DuckDB with every setting pinned before the first query: nothing is downloaded, nothing outside the allowed
// folders is opened, and no later SET changes it (design.md D4 and section 8). Kernels run in UTC.

import { mkdirSync, realpathSync } from "node:fs";
import {
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBScalarFunction,
} from "./duckdb.ts";

export interface KernelOptions {
  readonly threads: number;
  readonly memoryBytes: number;
  /** Spill files go here; made when missing. */
  readonly tempDir: string;
  readonly tempBytes: number;
  /** Local folders whose files may be read and written: lakes, file roots, cache, spool. */
  readonly allowedDirs: readonly string[];
  /** Freed memory goes back to the system at once: for a kernel that works now and then, beside much else. */
  readonly trims?: boolean;
  /** PostgreSQL functions the kernel lacks (server/compute/node/functions). */
  readonly functions: readonly DuckDBScalarFunction[];
}

/** A database of every kernel whose tables lie in memory and are compressed by CHECKPOINT. */
export const COMPRESSED = "compressed";

const TRIMMING = {
  allocator_flush_threshold: "512KB",
  allocator_bulk_deallocation_flush_threshold: "1MB",
};

export class Kernel implements AsyncDisposable {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(options: KernelOptions): Promise<Kernel> {
    mkdirSync(options.tempDir, { recursive: true });
    const instance = await DuckDBInstance.create(":memory:", {
      threads: String(options.threads),
      memory_limit: `${Math.floor(options.memoryBytes / 1_000_000)}MB`,
      temp_directory: options.tempDir,
      max_temp_directory_size: `${Math.floor(options.tempBytes / 1_000_000)}MB`,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      enable_external_file_cache: "false",
      default_null_order: "nulls_last_on_asc_first_on_desc",
      ...(options.trims === true ? TRIMMING : {}),
    });
    const kernel = new Kernel(instance);
    await kernel.use(async (connection) => {
      for (const fn of options.functions) connection.registerScalarFunction(fn);
      await connection.run("SET GLOBAL TimeZone = 'UTC'");
      await connection.run(`ATTACH ':memory:' AS ${COMPRESSED} (COMPRESS)`);
      const dirs = [...options.allowedDirs, options.tempDir].map(
        (dir) => `'${real(dir).replaceAll("'", "''")}/'`,
      );
      await connection.run(`SET allowed_directories = [${dirs.join(", ")}]`);
      await connection.run("SET enable_external_access = false");
      await connection.run("SET lock_configuration = true");
    });
    return kernel;
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** A connection for the time of `work`; its temporary tables go with it. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#instance.closeSync();
    return Promise.resolve();
  }
}

/** Symbolic links out of an allowed folder are refused by the kernel, so folders are given resolved. */
function real(dir: string): string {
  mkdirSync(dir, { recursive: true });
  return realpathSync(dir);
}
