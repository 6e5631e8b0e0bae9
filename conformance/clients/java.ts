// A Java program with pgjdbc: compiled into a folder of its own, which the caller removes.

import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireProgram, run } from "./program.ts";

const DRIVER = "/usr/share/java/postgresql.jar";

export interface JavaProgram {
  /** Where its classes lie. */
  readonly folder: string;
  /** With the driver. */
  readonly classPath: string;
}

/** `name`.java of this folder. Throws what the compiler says. */
export async function compileJava(name: string): Promise<JavaProgram> {
  requireProgram("javac", "default-jdk-headless");
  if (!existsSync(DRIVER))
    throw new Error(
      `${DRIVER} is needed: install Debian's package libpostgresql-jdbc-java`,
    );
  const folder = mkdtempSync(join(tmpdir(), "sluice-jdbc-"));
  const source = join(import.meta.dirname, `${name}.java`);
  const { code, stderr } = await run("javac", [
    ...["-encoding", "UTF-8", "-cp", DRIVER, "-d", folder, source],
  ]);
  if (code !== 0) throw new Error(stderr);
  return { folder, classPath: `${DRIVER}:${folder}` };
}
