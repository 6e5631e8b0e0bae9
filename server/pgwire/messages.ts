// The messages of PostgreSQL's frontend/backend protocol 3.0 to 3.2, in the manual's own names ("Message Formats").

import type { SqlError } from "../../storage/common/errors.ts";

/** What a client may send before it has logged in; none of these has a type byte. */
export type StartupPacket =
  | { readonly kind: "SSLRequest" }
  | { readonly kind: "GSSENCRequest" }
  | {
      readonly kind: "CancelRequest";
      readonly processId: number;
      /** 4 bytes, or up to 256 since protocol 3.2. */
      readonly secretKey: Buffer;
    }
  | {
      readonly kind: "StartupMessage";
      readonly major: number;
      readonly minor: number;
      /** In the order sent; a name given twice counts with its last value. */
      readonly parameters: ReadonlyMap<string, string>;
    };

export type FormatCode = "text" | "binary";

export type FrontendMessage =
  | { readonly kind: "Query"; readonly query: string }
  | {
      readonly kind: "Parse";
      /** Empty for the unnamed statement. */
      readonly statement: string;
      readonly query: string;
      /** 0 leaves a type open. */
      readonly parameterTypes: readonly number[];
    }
  | BindMessage
  | {
      readonly kind: "Describe" | "Close";
      readonly target: "statement" | "portal";
      readonly name: string;
    }
  | {
      readonly kind: "Execute";
      readonly portal: string;
      /** 0 means all rows. */
      readonly maxRows: number;
    }
  | { readonly kind: "Flush" | "Sync" | "Terminate" | "CopyDone" }
  | { readonly kind: "CopyData"; readonly data: Buffer }
  | { readonly kind: "CopyFail"; readonly reason: string }
  | { readonly kind: "FunctionCall" }
  /** PasswordMessage, SASLInitialResponse or SASLResponse: only the state of the log-in tells which. */
  | { readonly kind: "AuthenticationResponse"; readonly body: Buffer }
  /** A body that does not read: an error of this message, in its turn. */
  | {
      readonly kind: "Malformed";
      readonly type: string;
      readonly error: SqlError;
    }
  /** After it nothing in the stream can be trusted. */
  | { readonly kind: "Broken"; readonly error: SqlError };

export interface BindMessage {
  readonly kind: "Bind";
  readonly portal: string;
  readonly statement: string;
  /** None means text for all, one stands for all. */
  readonly parameterFormats: readonly FormatCode[];
  /** `null` is SQL NULL. */
  readonly parameters: readonly (Buffer | null)[];
  readonly resultFormats: readonly FormatCode[];
}

export interface FieldDescription {
  readonly name: string;
  /** 0 when the field is no column of a table. */
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  /** Negative for types of variable width. */
  readonly typeSize: number;
  /** -1 when the type has no modifier. */
  readonly typeModifier: number;
  readonly format: FormatCode;
}

/** Field type byte and value: `S`, `V`, `C`, `M`, `D`, `H`, `P`, `W`. */
export type ReportField = readonly [code: string, value: string];

export type BackendMessage =
  | { readonly kind: "AuthenticationOk" | "AuthenticationCleartextPassword" }
  | {
      readonly kind: "AuthenticationSASL";
      readonly mechanisms: readonly string[];
    }
  | {
      readonly kind: "AuthenticationSASLContinue" | "AuthenticationSASLFinal";
      readonly data: string;
    }
  | {
      readonly kind: "BackendKeyData";
      readonly processId: number;
      readonly secretKey: Buffer;
    }
  | {
      readonly kind: "NegotiateProtocolVersion";
      readonly newestMinor: number;
      readonly unrecognized: readonly string[];
    }
  | {
      readonly kind: "ParameterStatus";
      readonly name: string;
      readonly value: string;
    }
  | { readonly kind: "ReadyForQuery"; readonly status: "I" | "T" | "E" }
  | {
      readonly kind: "RowDescription";
      readonly fields: readonly FieldDescription[];
    }
  | {
      readonly kind: "DataRow";
      readonly values: readonly (Buffer | string | null)[];
    }
  | { readonly kind: "CommandComplete"; readonly tag: string }
  | {
      readonly kind: "CopyInResponse" | "CopyOutResponse";
      /** Of the whole and of every column. */
      readonly format: FormatCode;
      readonly columnCount: number;
    }
  | { readonly kind: "CopyDone" }
  | {
      readonly kind: "ParameterDescription";
      readonly typeOids: readonly number[];
    }
  | {
      readonly kind:
        | "ParseComplete"
        | "BindComplete"
        | "CloseComplete"
        | "NoData"
        | "PortalSuspended"
        | "EmptyQueryResponse";
    }
  | {
      readonly kind: "ErrorResponse" | "NoticeResponse";
      readonly fields: readonly ReportField[];
    };
