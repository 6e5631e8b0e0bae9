// Which store a location lies in: local disk, or one remote store for each bucket, opened when first used.

import { addressOf, isUrl } from "./address.ts";
import { localStore } from "./local.ts";
import type {
  RemoteStores,
  RemoteStoresOptions,
} from "./remote/open-remote.ts";
import type { ObjectStore } from "./store.ts";

export class ObjectStores implements AsyncDisposable {
  readonly #options: RemoteStoresOptions;
  readonly #local = localStore();
  readonly #byRoot = new Map<string, ObjectStore>();
  #remote: Promise<RemoteStores> | undefined;

  constructor(options: RemoteStoresOptions) {
    this.#options = options;
  }

  /** Throws 22023 for a location without a store; whether it can be reached shows when it is used. */
  readonly storeFor = (location: string): ObjectStore => {
    if (!isUrl(location)) return this.#local;
    const address = addressOf(location);
    const known = this.#byRoot.get(address.root);
    if (known !== undefined) return known;
    let opened: Promise<ObjectStore> | undefined;
    const store = openedWhenUsed(() => {
      this.#remote ??= loadRemote(this.#options);
      opened ??= this.#remote.then((remote) => remote.open(address));
      return opened;
    });
    this.#byRoot.set(address.root, store);
    return store;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#byRoot.clear();
    await (await this.#remote)?.[Symbol.asyncDispose]();
  }
}

async function loadRemote(options: RemoteStoresOptions): Promise<RemoteStores> {
  const remote = await import("./remote/open-remote.ts");
  return new remote.RemoteStores(options);
}

function openedWhenUsed(open: () => Promise<ObjectStore>): ObjectStore {
  return {
    list: async (...given) => (await open()).list(...given),
    listFolders: async (...given) => (await open()).listFolders(...given),
    listTree: async function* (...given) {
      yield* (await open()).listTree(...given);
    },
    hasFolder: async (...given) => (await open()).hasFolder(...given),
    read: async (...given) => (await open()).read(...given),
    putIfAbsent: async (...given) => (await open()).putIfAbsent(...given),
    put: async (...given) => (await open()).put(...given),
    delete: async (...given) => (await open()).delete(...given),
    deleteAll: async (...given) => (await open()).deleteAll(...given),
    deleteFolder: async (...given) => (await open()).deleteFolder(...given),
    stat: async (...given) => (await open()).stat(...given),
    localPath: () => undefined,
    download: async (...given) => (await open()).download(...given),
    upload: async (...given) => (await open()).upload(...given),
  };
}
