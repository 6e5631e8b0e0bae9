// Every way the wire protocol can be violated or refuse a connection.

import { SqlError } from "../../storage/common/errors.ts";

/** 08P01 */
function violation(message: string): SqlError {
  return new SqlError("08P01", message);
}

export function invalidMessageLength(): SqlError {
  return violation("invalid message length");
}

export function invalidMessageType(code: number): SqlError {
  return violation(`invalid frontend message type ${code}`);
}

export function insufficientData(): SqlError {
  return violation("insufficient data left in message");
}

export function invalidMessageFormat(): SqlError {
  return violation("invalid message format");
}

export function invalidString(): SqlError {
  return violation("invalid string in message");
}

export function invalidStartupLength(): SqlError {
  return violation("invalid length of startup packet");
}

export function invalidStartupLayout(): SqlError {
  return violation(
    "invalid startup packet layout: expected terminator as last byte",
  );
}

export function unsupportedFormatCode(code: number): SqlError {
  return new SqlError("22023", `unsupported format code: ${code}`);
}

export function invalidDescribeTarget(message: string, code: number): SqlError {
  return violation(`invalid ${message} message subtype ${code}`);
}

export function unexpectedMessage(what: string): SqlError {
  return violation(`unexpected ${what} message`);
}

export function expectedPassword(): SqlError {
  return violation("expected password response");
}

export function emptyPassword(): SqlError {
  return new SqlError("28P01", "empty password returned by client");
}

export function unknownSaslMechanism(): SqlError {
  return violation("client selected an invalid SASL authentication mechanism");
}

/** 0A000 */
export function unsupportedProtocol(major: number, minor: number): SqlError {
  return new SqlError(
    "0A000",
    `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.2`,
  );
}

/** 28000 */
export function missingUser(): SqlError {
  return new SqlError(
    "28000",
    "no PostgreSQL user name specified in startup packet",
  );
}

/** 28000 */
export function plaintextRefused(address: string): SqlError {
  return new SqlError(
    "28000",
    `connection from host "${address}" without TLS is refused`,
    { hint: "Connect with sslmode=require." },
  );
}

/** 28000: a rule says reject. Worded as PostgreSQL does for pg_hba.conf. */
export function rejectedByRule(login: LoginAttempt): SqlError {
  return new SqlError(
    "28000",
    `an access rule rejects connection for ${attempt(login)}`,
  );
}

/** 28000 */
export function noAccessRule(login: LoginAttempt): SqlError {
  return new SqlError("28000", `no access rule for ${attempt(login)}`);
}

/** 28000 */
export function certificateMissing(): SqlError {
  return new SqlError(
    "28000",
    "connection requires a valid client certificate",
  );
}

/** What refusals by rule show of a log-in. */
interface LoginAttempt {
  readonly user: string;
  readonly database: string;
  readonly clientAddress: string;
  readonly encrypted: boolean;
}

function attempt(login: LoginAttempt): string {
  const { clientAddress, user, database, encrypted } = login;
  return `host "${clientAddress}", user "${user}", database "${database}", ${encrypted ? "SSL encryption" : "no encryption"}`;
}

/** 0A000 */
export function startupParameterRefused(name: string): SqlError {
  return new SqlError("0A000", `startup parameter "${name}" is not supported`);
}

/** 22023 */
export function invalidOptions(argument: string): SqlError {
  return new SqlError(
    "22023",
    `invalid command-line argument for server process: ${argument}`,
  );
}

/** 53300 */
export function tooManyConnections(): SqlError {
  return new SqlError("53300", "sorry, too many clients already");
}

/** 57P01 */
export function adminShutdown(): SqlError {
  return new SqlError(
    "57P01",
    "terminating connection due to administrator command",
  );
}

/** 57P01 */
export function credentialExpired(): SqlError {
  return new SqlError(
    "57P01",
    "terminating connection because its credential has expired",
  );
}

/** 57P03 */
export function shuttingDown(): SqlError {
  return new SqlError("57P03", "the database system is shutting down");
}

/** 25P03 */
export function idleInTransaction(): SqlError {
  return new SqlError(
    "25P03",
    "terminating connection due to idle-in-transaction timeout",
  );
}

/** 57P05 */
export function idleSession(): SqlError {
  return new SqlError(
    "57P05",
    "terminating connection due to idle-session timeout",
  );
}

/** 57014 */
export function authenticationTimedOut(): SqlError {
  return new SqlError("57014", "canceling authentication due to timeout");
}

/** 42601 */
export function severalCommands(): SqlError {
  return new SqlError(
    "42601",
    "cannot insert multiple commands into a prepared statement",
  );
}

/** 08P01 */
export function parameterCountMismatch(
  got: number,
  statement: string,
  expected: number,
): SqlError {
  return violation(
    `bind message supplies ${got} parameters, but prepared statement "${statement}" requires ${expected}`,
  );
}

/** 08P01 */
export function parameterFormatMismatch(
  formats: number,
  parameters: number,
): SqlError {
  return violation(
    `bind message has ${formats} parameter formats but ${parameters} parameters`,
  );
}

/** 08P01 */
export function resultFormatMismatch(
  formats: number,
  columns: number,
): SqlError {
  return violation(
    `bind message has ${formats} result formats but query has ${columns} columns`,
  );
}

/** 0A000 */
export function functionCallRefused(): SqlError {
  return new SqlError("0A000", "function call messages are not supported", {
    hint: "Call the function in a SELECT.",
  });
}

/** 42704 */
export function undefinedParameterType(oid: number): SqlError {
  return new SqlError("42704", `type with OID ${oid} does not exist`);
}

/** 22P03. `number` counts from 1. */
export function invalidBinaryParameter(number: number): SqlError {
  return new SqlError(
    "22P03",
    `incorrect binary data format in bind parameter ${number}`,
  );
}

/** 22021. `bytes` as PostgreSQL prints them, `0xff 0xfe`. */
export function invalidUtf8(bytes: string): SqlError {
  return new SqlError(
    "22021",
    `invalid byte sequence for encoding "UTF8": ${bytes}`,
  );
}

/** 08P01: only COPY's own messages may come while it reads. */
export function unexpectedInCopy(kind: string): SqlError {
  return violation(`unexpected ${kind} message during COPY from stdin`);
}

/** 08006 */
export function clientVanished(): SqlError {
  return new SqlError(
    "08006",
    "unexpected EOF on client connection with an open transaction",
  );
}
