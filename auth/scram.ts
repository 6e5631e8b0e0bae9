// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as a pure state machine. A principal may hold many tokens: all share one salt and
// count, and the client's proof is tried against each (authentication section 3.3).

import {
  createHash,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

export const SCRAM_SHA_256 = "SCRAM-SHA-256";
export const SCRAM_SHA_256_PLUS = "SCRAM-SHA-256-PLUS";
/** The RFC's minimum, which some clients enforce; more gains nothing for random tokens. */
export const SCRAM_ITERATIONS = 4096;
export const SALT_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 18;

export interface ScramKeys {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

export interface ScramCandidate<Id> extends ScramKeys {
  readonly id: Id;
}

/** What the exchange runs against; for a user that does not exist, a mock with candidates nobody can match. */
export interface ScramAccount<Id> {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly candidates: readonly ScramCandidate<Id>[];
}

export interface ScramOffer {
  /** The mechanism the client chose. */
  readonly mechanism: typeof SCRAM_SHA_256 | typeof SCRAM_SHA_256_PLUS;
  /** tls-server-end-point data of this connection; undefined when -PLUS was not offered. */
  readonly channelBinding: Uint8Array | undefined;
}

/** `malformed` is a protocol error, `refused` a failed log-in. */
export interface ScramFailure {
  readonly kind: "malformed" | "refused";
  readonly reason: string;
}

export interface ScramPending<Id> {
  readonly kind: "continue";
  /** server-first-message to send. */
  readonly message: string;
  readonly account: ScramAccount<Id>;
  readonly nonce: string;
  /** client-first-message-bare. */
  readonly clientFirstBare: string;
  /** What `c=` must decode to: the GS2 header and, with -PLUS, the binding data. */
  readonly bindingInput: Uint8Array;
}

export interface ScramSuccess<Id> {
  readonly kind: "success";
  /** server-final-message to send. */
  readonly message: string;
  readonly id: Id;
}

/** StoredKey and ServerKey of a secret. Tokens are ASCII: SASLprep leaves them as they are. */
export function deriveScramKeys(
  secret: string,
  salt: Uint8Array,
  iterations: number,
): ScramKeys {
  const salted = pbkdf2Sync(
    saslPrep(secret),
    salt,
    iterations,
    KEY_BYTES,
    "sha256",
  );
  const clientKey = hmac(salted, "Client Key");
  return {
    storedKey: sha256(clientKey),
    serverKey: hmac(salted, "Server Key"),
  };
}

/** Answers client-first-message. `serverNonce` is fresh printable ASCII of at least 18 characters. */
export function startScram<Id>(
  clientFirst: string,
  offer: ScramOffer,
  account: ScramAccount<Id>,
  serverNonce: string,
): ScramPending<Id> | ScramFailure {
  const match =
    /^(?:(n)|(y)|p=([A-Za-z0-9.-]+)),(a=[^,]*)?,((m=[^,]*,)?n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)((?:,[A-Za-z]=[^,]*)*))$/.exec(
      clientFirst,
    );
  if (match === null) return malformed("The first message has another form.");
  const [, , y, bindingName, authzid, bare = "", extension, , nonce = ""] =
    match;
  if (authzid !== undefined) {
    return malformed("An authorization identity is not supported.");
  }
  if (extension !== undefined) {
    return malformed("A mandatory extension is not supported.");
  }
  const binding = checkBinding(offer, y !== undefined, bindingName);
  if (binding !== undefined) return binding;
  const header = clientFirst.slice(0, clientFirst.length - bare.length);
  const combined = nonce + serverNonce;
  const salt = Buffer.from(account.salt).toString("base64");
  return {
    kind: "continue",
    message: `r=${combined},s=${salt},i=${account.iterations}`,
    account,
    nonce: combined,
    clientFirstBare: bare,
    bindingInput: Buffer.concat([
      Buffer.from(header, "latin1"),
      bindingName === undefined
        ? Buffer.alloc(0)
        : Buffer.from(offer.channelBinding ?? []),
    ]),
  };
}

/** Answers client-final-message. Every candidate is tried, so the time tells nothing. */
export function finishScram<Id>(
  pending: ScramPending<Id>,
  clientFinal: string,
): ScramSuccess<Id> | ScramFailure {
  const match =
    /^(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,[A-Za-z]=[^,]*)*),p=([A-Za-z0-9+/]{43}=)$/.exec(
      clientFinal,
    );
  if (match === null) return malformed("The final message has another form.");
  const [, withoutProof = "", binding = "", nonce, proofText = ""] = match;
  if (nonce !== pending.nonce) return malformed("The nonce does not match.");
  if (!equal(Buffer.from(binding, "base64"), pending.bindingInput)) {
    return { kind: "refused", reason: "channel binding does not match" };
  }
  const authMessage = `${pending.clientFirstBare},${pending.message},${withoutProof}`;
  const winner = firstMatch(
    pending.account.candidates,
    authMessage,
    Buffer.from(proofText, "base64"),
  );
  if (winner === undefined) {
    return { kind: "refused", reason: "no secret of the user matches" };
  }
  const signature = hmac(winner.serverKey, authMessage).toString("base64");
  return { kind: "success", message: `v=${signature}`, id: winner.id };
}

function firstMatch<Id>(
  candidates: readonly ScramCandidate<Id>[],
  authMessage: string,
  proof: Buffer,
): ScramCandidate<Id> | undefined {
  let winner: ScramCandidate<Id> | undefined;
  for (const candidate of candidates) {
    const signature = hmac(candidate.storedKey, authMessage);
    const clientKey = Buffer.from(
      signature.map((byte, index) => byte ^ (proof[index] ?? 0)),
    );
    const matches = equal(sha256(clientKey), candidate.storedKey);
    winner = matches ? candidate : winner;
  }
  return winner;
}

/** RFC 5802 section 6: the flag must agree with what was offered and chosen. */
function checkBinding(
  offer: ScramOffer,
  couldBind: boolean,
  bindingName: string | undefined,
): ScramFailure | undefined {
  const plus = offer.mechanism === SCRAM_SHA_256_PLUS;
  if (plus !== (bindingName !== undefined)) {
    return malformed(
      "The channel binding flag does not agree with the mechanism.",
    );
  }
  if (plus && offer.channelBinding === undefined) {
    return malformed("Channel binding was not offered.");
  }
  if (bindingName !== undefined && bindingName !== "tls-server-end-point") {
    return malformed("The channel binding type is not supported.");
  }
  if (couldBind && offer.channelBinding !== undefined) {
    return {
      kind: "refused",
      reason: "the client did not see the channel binding that was offered",
    };
  }
  return undefined;
}

/** RFC 4013 as libpq and the drivers apply it: mapped spaces, nothing-characters, NFKC. */
function saslPrep(secret: string): string {
  return secret
    .replace(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g, " ")
    .replace(
      /\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/g,
      "",
    )
    .normalize("NFKC");
}

function malformed(reason: string): ScramFailure {
  return { kind: "malformed", reason };
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest();
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** 24 characters of base64: 18 random bytes. */
export function newServerNonce(): string {
  return randomBytes(NONCE_BYTES).toString("base64");
}
