// CSV and JSON files that were compressed as a whole, as their names say: what readers of text get is what was in them.

import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
} from "node:zlib";
import { notSupported } from "../../storage/common/errors.ts";
import { baseName } from "../../storage/object-store/store.ts";
import { damagedFile } from "./errors.ts";

type Opener = (cutShort: boolean) => Transform;

const { Z_SYNC_FLUSH, Z_FINISH } = constants;
const { BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH } = constants;

/** By the end of a file's name, as Spark and Hadoop name their codecs. */
const READ: ReadonlyMap<string, Opener> = new Map<string, Opener>([
  ["gz", (cut) => createGunzip({ finishFlush: cut ? Z_SYNC_FLUSH : Z_FINISH })],
  [
    "deflate",
    (cut) => createInflate({ finishFlush: cut ? Z_SYNC_FLUSH : Z_FINISH }),
  ],
  [
    "br",
    (cut) =>
      createBrotliDecompress({
        finishFlush: cut ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_FINISH,
      }),
  ],
]);
const NOT_READ: ReadonlySet<string> = new Set([
  "bz2",
  "lz4",
  "lzo",
  "snappy",
  "xz",
  "zip",
  "zst",
  "zstd",
]);

/** Undefined for a file that is text as it lies there. Throws 0A000 naming a compression that is not read. */
function openerOf(path: string): Opener | undefined {
  const suffix = /\.([a-z0-9]+)$/i.exec(baseName(path))?.[1]?.toLowerCase();
  if (suffix === undefined) return undefined;
  if (NOT_READ.has(suffix))
    throw notSupported(
      `reading "${baseName(path)}", a file compressed as ${suffix}, is`,
      undefined,
      "Compress it with gzip.",
    );
  return READ.get(suffix);
}

/** What is in the file of these bytes. Throws XX001 where they are not as its compression says. */
export async function* textOfFile(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const opener = openerOf(path);
  if (opener === undefined) yield* pieces;
  else yield* unpacked(path, pieces, opener(false));
}

/** The first of what is in a file, at most `most` bytes; `whole` says of both that there is no more. */
export async function beginningOfText(
  path: string,
  { bytes, whole }: Beginning,
  most: number,
): Promise<Beginning> {
  const opener = openerOf(path);
  if (opener === undefined) return { bytes, whole };
  const found: Uint8Array[] = [];
  let length = 0;
  const pieces = Readable.from([Buffer.from(bytes)]);
  for await (const piece of unpacked(path, pieces, opener(!whole))) {
    found.push(piece);
    length += piece.length;
    if (length > most)
      return { bytes: Buffer.concat(found).subarray(0, most), whole: false };
  }
  return { bytes: Buffer.concat(found), whole };
}

export interface Beginning {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

async function* unpacked(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
  unpack: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const running = pipeline(Readable.from(copies(pieces)), unpack);
  // What it fails with, the loop fails with too.
  running.catch(() => undefined);
  try {
    for await (const piece of unpack)
      if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    throw isDamage(error) ? damagedFile(baseName(path), DAMAGED) : error;
  }
}

const DAMAGED =
  "It is not compressed as its name says, or is cut short or damaged.";

/** The pieces given may share their memory with the next. */
async function* copies(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    /^(?:Z_|ERR__ERROR_|ERR_BROTLI|ERR_PADDING)/.test(error.code)
  );
}
