// Which store a location lies in: local disk, or one remote store for each bucket, made when first asked for.

import { addressOf, isUrl, type StoreAddress } from "./address.ts";
import { azureDialect } from "./azure/dialect.ts";
import { azureEndpoint } from "./azure/endpoint.ts";
import { serviceClient } from "./credentials/token-service.ts";
import { localStore } from "./local.ts";
import type { Dialect } from "./remote/dialect.ts";
import { HttpClient, STORE_CONNECTIONS } from "./remote/http.ts";
import { remoteStore } from "./remote/remote-store.ts";
import { STORE_RETRIES, type RetryPolicy } from "./remote/retry.ts";
import { storeCalls } from "./remote/store-calls.ts";
import { s3Dialect } from "./s3/dialect.ts";
import {
  googleEndpoint,
  s3Endpoint,
  type EndpointParts,
} from "./s3/endpoint.ts";
import { sectionFor, type StoreSettings } from "./settings.ts";
import type { ObjectStore } from "./store.ts";

export interface ObjectStoresOptions {
  readonly settings: StoreSettings;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly retries?: RetryPolicy;
}

/** Metadata servers of clouds answer at once, or are not there. */
const INSTANCE_CONNECTIONS = {
  connections: 4,
  connectTimeoutMs: 1_000,
  idleTimeoutMs: 2_000,
};

export class ObjectStores implements AsyncDisposable {
  readonly #options: ObjectStoresOptions;
  readonly #http = new HttpClient(STORE_CONNECTIONS);
  readonly #instanceHttp = new HttpClient(INSTANCE_CONNECTIONS);
  readonly #local = localStore();
  readonly #remote = new Map<string, ObjectStore>();

  constructor(options: ObjectStoresOptions) {
    this.#options = options;
  }

  /** Throws 22023 for a location without a store; whether the bucket can be reached shows when it is used. */
  readonly storeFor = (location: string): ObjectStore => {
    if (!isUrl(location)) return this.#local;
    const address = addressOf(location);
    const known = this.#remote.get(address.root);
    if (known !== undefined) return known;
    const { retries = STORE_RETRIES } = this.#options;
    const calls = storeCalls(
      this.#dialect(address),
      this.#http.exchange,
      retries,
    );
    const store = remoteStore(address.root, calls);
    this.#remote.set(address.root, store);
    return store;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#remote.clear();
    await this.#http[Symbol.asyncDispose]();
    await this.#instanceHttp[Symbol.asyncDispose]();
  }

  #dialect(address: StoreAddress): Dialect {
    const { settings, now = Date.now } = this.#options;
    const parts: EndpointParts = {
      address,
      section: sectionFor(settings, address),
      variables: settings.variables,
      ask: serviceClient(this.#http.exchange),
      askInstance: serviceClient(this.#instanceHttp.exchange, {
        ...STORE_RETRIES,
        attempts: 2,
        totalMs: 2_000,
      }),
      now,
    };
    switch (address.kind) {
      case "s3":
        return s3Dialect(s3Endpoint(parts));
      case "gcs":
        return s3Dialect(googleEndpoint(parts));
      case "azure":
        return azureDialect(azureEndpoint(parts));
    }
  }
}
