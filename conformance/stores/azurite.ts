// Azurite, Microsoft's emulator of Azure Blob Storage, as a child process in memory; requests to set it up are signed here, apart from
// the signer it is there to check.

import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";

export interface Azurite extends AsyncDisposable {
  /** With the account in its path. */
  readonly endpoint: string;
  readonly account: string;
  readonly key: string;
  createContainer(name: string): Promise<void>;
  /** A token for the whole account, good for an hour. */
  sasToken(permissions: string): string;
}

const ACCOUNT = "testaccount";
const KEY = Buffer.from("a key that only this test knows").toString("base64");

/** Throws when Azurite is not installed, or does not start. */
export async function startAzurite(): Promise<Azurite> {
  const program = createRequire(import.meta.url).resolve(
    "azurite/dist/src/blob/main.js",
  );
  const args = ["--blobHost", "127.0.0.1", "--blobPort", "0"];
  const child = spawn(
    process.execPath,
    [program, ...args, "--inMemoryPersistence", "--disableTelemetry"],
    {
      env: { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const origin = await new Promise<string>((resolve, reject) => {
    let printed = "";
    child.once("error", reject);
    child.once("exit", () =>
      reject(new Error(`Azurite ended before it listened: ${printed}`)),
    );
    // Read to its end: a closed pipe would end it.
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /listens on (http:\/\/[\d.]+:\d+)/.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const exited = once(child, "exit");
  return {
    endpoint: `${origin}/${ACCOUNT}`,
    account: ACCOUNT,
    key: KEY,
    createContainer: (name) => createContainer(origin, name),
    sasToken,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function createContainer(origin: string, name: string): Promise<void> {
  const date = new Date().toUTCString();
  const version = "2021-08-06";
  const resource = `/${ACCOUNT}/${ACCOUNT}/${name}\nrestype:container`;
  const text = `PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:${date}\nx-ms-version:${version}\n${resource}`;
  const response = await fetch(
    `${origin}/${ACCOUNT}/${name}?restype=container`,
    {
      method: "PUT",
      headers: {
        "x-ms-date": date,
        "x-ms-version": version,
        authorization: `SharedKey ${ACCOUNT}:${signature(text)}`,
      },
    },
  );
  if (response.status !== 201)
    throw new Error(
      `no container: ${response.status} ${await response.text()}`,
    );
}

/** https://learn.microsoft.com/rest/api/storageservices/create-account-sas */
function sasToken(permissions: string): string {
  const version = "2021-08-06";
  const end = new Date(Date.now() + 3_600_000).toISOString();
  const expires = end.replace(/\.\d+Z$/, "Z");
  const text = `${ACCOUNT}\n${permissions}\nb\nsco\n\n${expires}\n\nhttps,http\n${version}\n\n`;
  return new URLSearchParams({
    sv: version,
    ss: "b",
    srt: "sco",
    sp: permissions,
    se: expires,
    spr: "https,http",
    sig: signature(text),
  }).toString();
}

function signature(text: string): string {
  return createHmac("sha256", Buffer.from(KEY, "base64"))
    .update(text, "utf8")
    .digest("base64");
}
