// One call to a store: signed, sent with retries, its failure in our words.

import { SqlError } from "../../common/errors.ts";
import { storeAnswered, storeUnreachable } from "../errors.ts";
import type { Call, Dialect } from "./dialect.ts";
import type { Exchange, HttpResponse } from "./http.ts";
import { sendWithRetries, type RetryPolicy, type Sent } from "./retry.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** False for the few calls that make something new each time. */
  readonly idempotent?: boolean;
}

export interface StoreCalls {
  readonly dialect: Dialect;
  /** `action` and `path` are for errors: "read", "s3://bucket/key". Throws 08006 when no answer came, 57014 when aborted. */
  send(
    action: string,
    path: string,
    call: Call,
    options?: CallOptions,
  ): Promise<Sent>;
  /** The answer as an error. */
  failed(action: string, path: string, response: HttpResponse): SqlError;
  /** There is no such object; a missing bucket is not that. */
  isAbsent(response: HttpResponse): boolean;
}

export function storeCalls(
  dialect: Dialect,
  exchange: Exchange,
  policy: RetryPolicy,
): StoreCalls {
  return {
    dialect,
    send: async (action, path, call, { signal, idempotent = true } = {}) => {
      try {
        return await sendWithRetries(
          exchange,
          {
            build: () => dialect.sign(call),
            idempotent,
            corrected: (response) => dialect.correct(response),
            signal,
          },
          policy,
        );
      } catch (error) {
        if (error instanceof SqlError) throw error;
        throw storeUnreachable(action, path, error);
      }
    },
    failed: (action, path, response) =>
      storeAnswered(action, path, {
        status: response.status,
        failure: dialect.failure(response),
      }),
    isAbsent: (response) =>
      response.status === 404 &&
      !NO_CONTAINER.includes(dialect.failure(response) ?? ""),
  };
}

/** The store's word for a bucket or container that is not there (S3, GCS; Azure). */
const NO_CONTAINER: readonly string[] = ["NoSuchBucket", "ContainerNotFound"];

export function succeeded({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}
