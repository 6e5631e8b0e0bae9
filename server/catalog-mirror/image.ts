// The data directory every mirror starts as a copy of: an empty cluster with the setup applied, made once per version and kept.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { ProcessLink } from "./process-link.ts";
import { SETUP } from "./setup.ts";

const CLOSE_MS = 30_000;

/** The image's folder below `dir`. Made when it is missing, which takes some seconds. */
export async function ensureImage(dir: string): Promise<string> {
  const version = createHash("sha256").update(SETUP).digest("hex").slice(0, 12);
  const image = join(dir, `image-${version}`);
  if (existsSync(image)) return image;
  const draft = join(dir, `draft-${process.pid}-${Date.now()}`);
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  try {
    const link = await ProcessLink.open(draft, SETUP);
    await link.ask({ kind: "close" }, CLOSE_MS);
    await link.exited;
    publish(draft, image);
    return image;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Another gateway may have been first: then its image is as good. */
function publish(draft: string, image: string): void {
  try {
    renameSync(draft, image);
  } catch (error) {
    if (!existsSync(image)) throw error;
  }
}

/** A private copy at `to`. */
export async function copyImage(image: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(image, to, { recursive: true, mode: 1 });
}
