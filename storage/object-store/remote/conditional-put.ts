// Put-if-absent, on which every commit rests, and the probe that a store really has it: some S3 look-alikes ignore the condition and
// overwrite, so that commits would be lost unnoticed (spec/ssd-cache.md section 6).

import { randomUUID } from "node:crypto";
import { overwritingStore, wrongAnswer } from "../errors.ts";
import { succeeded, type StoreCalls } from "./store-calls.ts";

export interface NamedObject {
  /** As errors name it. */
  readonly path: string;
  readonly key: string;
}

const ROUNDS = 5;

/**
 * True when the object is there because of us. After an unknown outcome (a lost answer, then "exists"), the object is read again and
 * compared: the bytes of a commit carry an id of their own, so equal bytes are ours. S3's 409 means that another put of the key was
 * under way and tells nothing of its outcome, so it is looked at too.
 */
export async function putIfAbsentOnce(
  calls: StoreCalls,
  object: NamedObject,
  bytes: Uint8Array,
): Promise<boolean> {
  const { path, key } = object;
  let uncertain = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const sent = await calls.send("create", path, {
      method: "PUT",
      key,
      headers: calls.dialect.putHeaders(true),
      body: bytes,
    });
    uncertain ||= sent.uncertain;
    if (succeeded(sent.response)) return true;
    const { status } = sent.response;
    if (status !== 409 && status !== 412)
      throw calls.failed("create", path, sent.response);
    const failure = calls.dialect.failure(sent.response);
    if (!uncertain && (status === 412 || failure === "BlobAlreadyExists"))
      return false;
    const there = await calls.send("read", path, { method: "GET", key });
    if (there.response.status === 200)
      return uncertain && Buffer.compare(there.response.body, bytes) === 0;
    if (!calls.isAbsent(there.response))
      throw calls.failed("read", path, there.response);
  }
  throw wrongAnswer(
    "create",
    path,
    "It says that the object exists, and that it does not.",
  );
}

/** Asked before the first write to a bucket; the verdict is kept while the process lives, a failure to get one is not. */
export class WriteProbe {
  readonly #root: string;
  readonly #calls: StoreCalls;
  #verdict: Promise<"honest" | "overwrites"> | undefined;

  constructor(root: string, calls: StoreCalls) {
    this.#root = root;
    this.#calls = calls;
  }

  /** `key` is what will be written: the probe lies beside it, where writing is allowed. Throws 0A000. */
  async passed(key: string): Promise<void> {
    this.#verdict ??= this.#ask(key).catch((error: unknown) => {
      this.#verdict = undefined;
      throw error;
    });
    if ((await this.#verdict) === "overwrites")
      throw overwritingStore(this.#root);
  }

  async #ask(besides: string): Promise<"honest" | "overwrites"> {
    const folder = besides.slice(0, besides.lastIndexOf("/") + 1);
    // Hidden from every reader of a lake or a log by its first character.
    const key = `${folder}.sluice-probe-${randomUUID()}`;
    const object = { path: `${this.#root}/${key}`, key };
    try {
      await putIfAbsentOnce(this.#calls, object, Buffer.from("first"));
      const again = Buffer.from("second");
      return (await putIfAbsentOnce(this.#calls, object, again))
        ? "overwrites"
        : "honest";
    } finally {
      await this.#remove(object);
    }
  }

  /** What cannot be deleted stays: the right to delete is not needed to write. */
  async #remove({ path, key }: NamedObject): Promise<void> {
    await this.#calls
      .send("delete", path, { method: "DELETE", key })
      .catch(() => undefined);
  }
}
