// The body of a load: the fragment's JSON behind a u32 length, then what the client sends as it comes. Each piece stands behind its
// u32 length; 0 ends the data, and FAILED is followed by the client's reason for giving up. A body cut short is neither.

import { malformedFragment } from "./errors.ts";
import type { Fragment } from "./fragment.ts";
import { parseFragment, type FragmentBody } from "./fragment-body.ts";
import type { ClientData } from "../session/result.ts";

export const LOAD_TYPE = "application/x-sluice-load";

const FAILED = 0xffffffff;

/** Pulled as fast as the node takes it. */
export async function* encodeLoad(
  fragment: Fragment,
  data: AsyncIterable<ClientData>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const json = Buffer.from(JSON.stringify(fragment));
  yield length(json.length);
  yield json;
  for await (const piece of data) {
    if (piece.kind === "failed") {
      const reason = Buffer.from(piece.reason);
      yield Buffer.concat([length(FAILED), length(reason.length), reason]);
      return;
    }
    if (piece.bytes.length === 0) continue;
    yield length(piece.bytes.length);
    yield piece.bytes;
  }
  yield length(0);
}

function length(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Throws 08P01. `clientData` throws it too, when the body ends before its end was said. */
export async function decodeLoad(
  body: AsyncIterable<unknown>,
): Promise<FragmentBody> {
  const input = new PieceReader(body);
  const json = await input.take(await input.u32());
  return {
    fragment: parseFragment(json.toString("utf8")),
    parts: [],
    clientData: pieces(input),
  };
}

async function* pieces(
  input: PieceReader,
): AsyncGenerator<ClientData, void, undefined> {
  for (;;) {
    const size = await input.u32();
    if (size === 0) return;
    if (size === FAILED) {
      const reason = await input.take(await input.u32());
      yield { kind: "failed", reason: reason.toString("utf8") };
      return;
    }
    yield { kind: "data", bytes: await input.take(size) };
  }
}

/** Exact numbers of bytes out of a stream of pieces. */
class PieceReader {
  readonly #source: AsyncIterator<unknown>;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(source: AsyncIterable<unknown>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async u32(): Promise<number> {
    return (await this.take(4)).readUInt32BE(0);
  }

  async take(size: number): Promise<Buffer> {
    while (this.#size < size) {
      const next = await this.#source.next();
      if (next.done === true || !(next.value instanceof Uint8Array)) {
        throw malformedFragment("the client's rows are cut off");
      }
      this.#pieces.push(Buffer.from(next.value));
      this.#size += next.value.length;
    }
    const [first = Buffer.alloc(0)] = this.#pieces;
    const whole = first.length >= size ? first : Buffer.concat(this.#pieces);
    this.#pieces = whole === first ? this.#pieces.slice(1) : [];
    if (whole.length > size) this.#pieces.unshift(whole.subarray(size));
    this.#size -= size;
    return whole.subarray(0, size);
  }
}
