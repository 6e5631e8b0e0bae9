// Memory for encoded rows, used again once they are sent: new memory of that size costs more, page by page, than the rows' bytes.

/** Kept at most; more are in use only where the socket's queue is longer. */
const MOST_KEPT = 12;
const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;
const SMALLEST_BYTES = 64 * 1024;

const ours = new WeakSet<ArrayBufferLike>();
const free: Uint8Array[] = [];

/** Memory of that size, holding anything. */
export function takeMemory(sizeBytes: number): Uint8Array {
  if (sizeBytes < SMALLEST_BYTES) return new Uint8Array(sizeBytes);
  const found = free.findIndex(({ length }) => length >= sizeBytes);
  const [kept] = found < 0 ? [] : free.splice(found, 1);
  const memory = kept ?? Buffer.allocUnsafeSlow(Math.ceil(sizeBytes * 1.25));
  ours.add(memory.buffer);
  return memory.subarray(0, sizeBytes);
}

/** Nothing reads those bytes any more. What was not taken here is left alone. */
export function giveBack({ buffer }: Uint8Array): void {
  if (!ours.delete(buffer)) return;
  if (buffer.byteLength > LARGEST_KEPT_BYTES) return;
  if (free.length >= MOST_KEPT) free.shift();
  free.push(new Uint8Array(buffer));
}
