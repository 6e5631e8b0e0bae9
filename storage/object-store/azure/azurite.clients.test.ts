// Our Azure dialect against Azurite, which checks signatures, conditions, ranges and blocks as the service does.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  startAzurite,
  type Azurite,
} from "../../../conformance/stores/azurite.ts";
import { ObjectStores } from "../open.ts";
import { AT_ONCE } from "../remote.testkit.ts";
import type { StoreSection } from "../settings.ts";
import {
  testStorePromises,
  type OpenedStore,
} from "../store-promises.testkit.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
  await azurite.createContainer("lake");
});
afterAll(() => azurite[Symbol.asyncDispose]());

function opened(section: StoreSection, root: string): OpenedStore {
  const settings = {
    variables: {},
    sections: {
      azure: {
        account: azurite.account,
        endpoint: azurite.endpoint,
        ...section,
      },
    },
  };
  const stores = new ObjectStores({ settings, retries: AT_ONCE });
  return {
    store: stores.storeFor(root),
    root,
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}

const sharedKey = (): StoreSection => ({ "account-key": azurite.key });
const sas = (): StoreSection => ({ "sas-token": azurite.sasToken("rwdlac") });

testStorePromises("Azure (account key)", () =>
  Promise.resolve(opened(sharedKey(), "az://lake/key")),
);
testStorePromises("Azure (SAS, ADLS location)", () =>
  Promise.resolve(
    opened(sas(), "abfss://lake@testaccount.dfs.core.windows.net/sas"),
  ),
);

describe("Azure's refusals", () => {
  const WRONG: readonly (readonly [string, StoreSection])[] = [
    ["a wrong key", { "account-key": Buffer.from("x").toString("base64") }],
    ["no credentials", { anonymous: "true" }],
    ["a token that may only read", { "sas-token": "read" }],
  ];
  test.each(WRONG)(
    "%s is 42501, and the secret stays out",
    async (_name, given) => {
      const section =
        given["sas-token"] === undefined
          ? given
          : { "sas-token": azurite.sasToken("rl") };
      await using lake = opened(section, "az://lake");
      const error: unknown = await lake.store
        .put("az://lake/x", Buffer.from("x"))
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "42501" });
      const text = JSON.stringify(error, Object.getOwnPropertyNames(error));
      for (const secret of Object.values(section))
        if (secret !== "true") expect(text).not.toContain(secret);
    },
  );

  test("a container that is not there is 58P01", async () => {
    await using lake = opened(sharedKey(), "az://nowhere");
    await expect(lake.store.list("az://nowhere/t")).rejects.toMatchObject({
      code: "58P01",
    });
    await expect(lake.store.read("az://nowhere/t")).rejects.toMatchObject({
      code: "58P01",
    });
  });

  test("a listing may begin after a name", async () => {
    await using lake = opened(sharedKey(), "az://lake");
    for (let i = 0; i < 30; i += 1)
      await lake.store.put(
        `az://lake/names/${String(i).padStart(2, "0")}`,
        Buffer.from("x"),
      );
    expect(await lake.store.list("az://lake/names")).toHaveLength(30);
    expect(await lake.store.list("az://lake/names", "25")).toHaveLength(4);
  });
});
