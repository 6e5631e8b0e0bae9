// Remote stores over the test server, with retries that do not wait.

import {
  TEST_SECRET,
  startS3Server,
  type S3Server,
  type S3ServerOptions,
} from "../../conformance/stores/s3-server.ts";
import { ObjectStores } from "./open.ts";
import { STORE_RETRIES, type RetryPolicy } from "./remote/retry.ts";
import type { StoreSection } from "./settings.ts";
import type { ObjectStore } from "./store.ts";

export const AT_ONCE: RetryPolicy = {
  ...STORE_RETRIES,
  pause: () => Promise.resolve(),
};

export interface RemoteFixture extends AsyncDisposable {
  readonly server: S3Server;
  readonly store: ObjectStore;
  readonly root: string;
}

/** A bucket `lake` behind S3's protocol. */
export async function s3Fixture(
  options: S3ServerOptions = {},
  section: StoreSection = {},
): Promise<RemoteFixture> {
  const server = await startS3Server({ bucket: "lake", ...options });
  const stores = new ObjectStores({
    settings: {
      variables: {
        AWS_ACCESS_KEY_ID: TEST_SECRET.accessKeyId,
        AWS_SECRET_ACCESS_KEY: TEST_SECRET.secretAccessKey,
        AWS_ENDPOINT_URL_S3: server.url,
      },
      sections: { s3: section },
    },
    retries: AT_ONCE,
  });
  return fixture(server, stores, "s3://lake");
}

/** The same as Google has it: interoperability keys, generations. */
export async function gcsFixture(): Promise<RemoteFixture> {
  const server = await startS3Server({
    bucket: "lake",
    condition: "generation",
  });
  const { accessKeyId, secretAccessKey } = TEST_SECRET;
  const stores = new ObjectStores({
    settings: {
      variables: {},
      sections: {
        gcs: {
          endpoint: server.url,
          "access-key-id": accessKeyId,
          "secret-access-key": secretAccessKey,
        },
      },
    },
    retries: AT_ONCE,
  });
  return fixture(server, stores, "gs://lake");
}

function fixture(
  server: S3Server,
  stores: ObjectStores,
  root: string,
): RemoteFixture {
  return {
    server,
    store: stores.storeFor(`${root}/any`),
    root,
    [Symbol.asyncDispose]: async () => {
      await stores[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
