// The certificate of both listeners, and the authorities of clients': read at start, read again when its files change or somebody asks (SIGHUP). New connections get the
// new one; files that make no certificate are told to the log, and the old one stays (authentication section 7).

import { statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Logger } from "pino";
import { readTls, type TlsContent, type TlsFiles } from "./tls.ts";
import { repeat } from "../resources.ts";

const LOOK_MS = 5_000;
/** TLS 1.2 with forward secrecy and authenticated encryption; TLS 1.3 has nothing else. */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

/** For `createSecureContext`, and for a server of node:https. */
export interface TlsSettings extends TlsContent {
  readonly minVersion: "TLSv1.2";
  readonly ciphers: string;
  /** A session that is resumed keeps the client's certificate: only where it was shown. */
  readonly sessionIdContext: string;
}

export class ServerTls implements Disposable {
  readonly #files: TlsFiles;
  readonly #log: Logger;
  readonly #listeners: ((settings: TlsSettings) => void)[] = [];
  readonly #stop: () => void;
  #settings: TlsSettings;
  #context: SecureContext;
  #seen: string;

  /** Throws F0000 for files that make no certificate. */
  constructor(files: TlsFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
    this.#seen = stateOf(files);
    this.#settings = settingsOf(files);
    this.#context = createSecureContext(this.#settings);
    this.#stop = repeat(LOOK_MS, () => this.#look());
  }

  get settings(): TlsSettings {
    return this.#settings;
  }

  /** Of the newest certificate. */
  get context(): SecureContext {
    return this.#context;
  }

  onRenewal(listener: (settings: TlsSettings) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the files now. */
  reload(): void {
    try {
      const settings = settingsOf(this.#files);
      this.#context = createSecureContext(settings);
      this.#settings = settings;
    } catch (error) {
      this.#log.error({ err: error }, "the TLS certificate was not renewed");
      return;
    }
    for (const listener of this.#listeners) listener(this.#settings);
    this.#log.info("the TLS certificate was read again");
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  /** Certificate and key are two files: between their writings they may not fit, and the second change brings the next look. */
  #look(): void {
    const state = stateOf(this.#files);
    if (state === this.#seen) return;
    this.#seen = state;
    this.reload();
  }
}

function settingsOf(files: TlsFiles): TlsSettings {
  return {
    ...readTls(files),
    minVersion: "TLSv1.2",
    ciphers: CIPHERS,
    sessionIdContext: "sluice",
  };
}

/** Changes with each writing or replacing of a file. */
function stateOf({ cert, key, clientCa, clientCrl }: TlsFiles): string {
  return [cert, key, clientCa, clientCrl]
    .flatMap((path) => path ?? [])
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined
        ? "absent"
        : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    })
    .join(" ");
}
