// Remote stores by bucket, over shared connections. Loaded only where a lake is remote: its packages would slow every start.

import type { StoreAddress } from "../address.ts";
import { azureDialect } from "../azure/dialect.ts";
import { azureEndpoint } from "../azure/endpoint.ts";
import { serviceClient } from "../credentials/token-service.ts";
import { s3Dialect } from "../s3/dialect.ts";
import {
  googleEndpoint,
  s3Endpoint,
  type EndpointParts,
} from "../s3/endpoint.ts";
import { sectionFor, type StoreSettings } from "../settings.ts";
import type { ObjectStore } from "../store.ts";
import type { Dialect } from "./dialect.ts";
import { HttpClient, STORE_CONNECTIONS } from "./http.ts";
import { remoteStore } from "./remote-store.ts";
import { STORE_RETRIES, type RetryPolicy } from "./retry.ts";
import { storeCalls } from "./store-calls.ts";

export interface RemoteStoresOptions {
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
const INSTANCE_RETRIES = { ...STORE_RETRIES, attempts: 2, totalMs: 2_000 };

export class RemoteStores implements AsyncDisposable {
  readonly #options: RemoteStoresOptions;
  readonly #http = new HttpClient(STORE_CONNECTIONS);
  readonly #instanceHttp = new HttpClient(INSTANCE_CONNECTIONS);

  constructor(options: RemoteStoresOptions) {
    this.#options = options;
  }

  /** Throws 22023 when nothing names an Azure account; whether the bucket can be reached shows when it is used. */
  open(address: StoreAddress): ObjectStore {
    const { retries = STORE_RETRIES } = this.#options;
    const dialect = this.#dialect(address);
    const calls = storeCalls(dialect, this.#http.exchange, retries);
    return remoteStore(address.root, calls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
      askInstance: serviceClient(this.#instanceHttp.exchange, INSTANCE_RETRIES),
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
