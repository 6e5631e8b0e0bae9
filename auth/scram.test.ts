import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fc } from "../storage/common/property.testkit.ts";
import {
  deriveScramKeys,
  finishScram,
  newServerNonce,
  startScram,
  type ScramAccount,
  type ScramOffer,
} from "./scram.ts";

const PLAIN: ScramOffer = {
  mechanism: "SCRAM-SHA-256",
  channelBinding: undefined,
};

function accountOf(...secrets: readonly string[]): ScramAccount<string> {
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  return {
    salt,
    iterations: 4096,
    candidates: secrets.map((secret) => ({
      id: secret,
      ...deriveScramKeys(secret, salt, 4096),
    })),
  };
}

/** A client of its own, written from RFC 5802. */
function clientFinal(
  secret: string,
  clientFirstBare: string,
  serverFirst: string,
  binding = "biws",
): string {
  const [, nonce = "", salt = "", count = ""] =
    /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
  const salted = pbkdf2Sync(
    secret,
    Buffer.from(salt, "base64"),
    Number(count),
    32,
    "sha256",
  );
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest();
  const withoutProof = `c=${binding},r=${nonce}`;
  const signature = createHmac("sha256", storedKey)
    .update(`${clientFirstBare},${serverFirst},${withoutProof}`)
    .digest();
  const proof = Buffer.from(
    clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)),
  );
  return `${withoutProof},p=${proof.toString("base64")}`;
}

function exchange(
  account: ScramAccount<string>,
  secret: string,
  change: (final: string) => string = (final) => final,
): string {
  const bare = "n=user,r=clientnonce";
  const first = startScram(`n,,${bare}`, PLAIN, account, newServerNonce());
  if (first.kind !== "continue") return first.kind;
  const last = finishScram(
    first,
    change(clientFinal(secret, bare, first.message)),
  );
  return last.kind === "success" ? last.id : last.kind;
}

test("the exchange of RFC 7677 section 3, byte for byte", () => {
  const account = accountOf("pencil");
  const first = startScram(
    "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    PLAIN,
    account,
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  );
  expect(first).toMatchObject({
    kind: "continue",
    message:
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  });
  if (first.kind !== "continue") return;
  expect(
    finishScram(
      first,
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    ),
  ).toEqual({
    kind: "success",
    message: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    id: "pencil",
  });
});

describe("several secrets of one principal", () => {
  test("each is found, whichever the client holds", () => {
    const account = accountOf("one", "two", "three");
    for (const secret of ["one", "two", "three"]) {
      expect(exchange(account, secret)).toBe(secret);
    }
    expect(exchange(account, "four")).toBe("refused");
  });

  test("a principal without secrets is refused", () => {
    expect(exchange(accountOf(), "one")).toBe("refused");
  });
});

describe("what is refused", () => {
  const account = accountOf("one");
  const first = (message: string, offer = PLAIN): string =>
    startScram(message, offer, account, "server").kind;

  test("another nonce, another proof, another binding", () => {
    expect(exchange(account, "one", (f) => f.replace(/r=./, "r=X"))).toBe(
      "malformed",
    );
    expect(exchange(account, "one", (f) => f.replace("c=biws", "c=eSws"))).toBe(
      "refused",
    );
    expect(exchange(account, "one", (f) => `${f}x`)).toBe("malformed");
    expect(
      exchange(account, "one", (f) =>
        f.replace(/p=.*/, `p=${"A".repeat(43)}=`),
      ),
    ).toBe("refused");
  });

  test("messages of another form", () => {
    for (const message of [
      "",
      "n",
      "n,,",
      "n,,r=abc",
      "x,,n=u,r=abc",
      "n,a=other,n=u,r=abc",
      "n,,m=ext,n=u,r=abc",
      "n,,n=u,r=",
      "n,,n=u,r=a b",
      "n,,n=u,r=ab\u0000c",
    ]) {
      expect(first(message)).toBe("malformed");
    }
    expect(first("n,,n=,r=abc")).toBe("continue");
    expect(first("y,,n=*,r=abc")).toBe("continue");
  });

  test("a downgrade: the client could bind and did not see the offer", () => {
    const binding = {
      mechanism: "SCRAM-SHA-256",
      channelBinding: Buffer.from("cert"),
    } as const;
    expect(first("y,,n=,r=abc", binding)).toBe("refused");
    expect(first("n,,n=,r=abc", binding)).toBe("continue");
  });

  test("a binding flag that does not agree with the mechanism", () => {
    const plus = {
      mechanism: "SCRAM-SHA-256-PLUS",
      channelBinding: Buffer.from("cert"),
    } as const;
    expect(first("p=tls-server-end-point,,n=,r=abc", plus)).toBe("continue");
    expect(first("p=tls-unique,,n=,r=abc", plus)).toBe("malformed");
    expect(first("n,,n=,r=abc", plus)).toBe("malformed");
    expect(first("p=tls-server-end-point,,n=,r=abc")).toBe("malformed");
    expect(
      first("p=tls-server-end-point,,n=,r=abc", {
        ...plus,
        channelBinding: undefined,
      }),
    ).toBe("malformed");
  });

  test("channel binding data of another connection", () => {
    const offer = {
      mechanism: "SCRAM-SHA-256-PLUS",
      channelBinding: Buffer.from("cert"),
    } as const;
    const bare = "n=,r=abc";
    const header = "p=tls-server-end-point,,";
    const step = startScram(header + bare, offer, account, "server");
    if (step.kind !== "continue") throw new TypeError(step.reason);
    const final = (cert: string): string =>
      clientFinal(
        "one",
        bare,
        step.message,
        Buffer.from(header + cert).toString("base64"),
      );
    expect(finishScram(step, final("cert")).kind).toBe("success");
    expect(finishScram(step, final("other")).kind).toBe("refused");
  });
});

test("no message of a client throws", () => {
  const account = accountOf("one");
  const valid = startScram("n,,n=,r=abc", PLAIN, account, "server");
  if (valid.kind !== "continue") throw new TypeError(valid.reason);
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), (a, b) => {
      for (const text of [a, b, `n,,n=${a},r=${b}`])
        startScram(text, PLAIN, account, "server");
      for (const text of [a, b, `c=biws,r=abcserver,p=${a}`]) {
        expect(finishScram(valid, text).kind).not.toBe("success");
      }
    }),
  );
});

test("nonces are fresh and long enough", () => {
  const nonces = new Set(Array.from({ length: 100 }, newServerNonce));
  expect(nonces.size).toBe(100);
  for (const nonce of nonces)
    expect(Buffer.from(nonce, "base64").length).toBe(18);
});
