// Privileges, securables, and what a statement requires (access-control: sections 3, 4 and 6).

import type { ObjectId } from "../storage/common/ids.ts";

export const PRIVILEGES = [
  "SELECT",
  "MODIFY",
  "CREATE",
  "CREATE_NAMED_FUNCTION",
  "USAGE",
  "READ_METADATA",
] as const;
export type Privilege = (typeof PRIVILEGES)[number];

export type SecurableKind =
  "CATALOG" | "SCHEMA" | "TABLE" | "VIEW" | "FUNCTION";

export type Securable =
  /** An object of the catalog tree. */
  | {
      readonly kind: "object";
      readonly type: SecurableKind;
      readonly id: ObjectId;
    }
  | { readonly kind: "any-file" }
  | { readonly kind: "anonymous-function" };

/**
 * One condition the authorizer must find true. Requirements are listed in the order the statement names things:
 * the first that fails decides the error. `name` is as the user typed it, the only name an error may show.
 */
export type Requirement =
  /** Gate of the object's schema, then the privilege on it (owners and admins pass). */
  | {
      readonly kind: "privilege";
      readonly privilege: Privilege;
      readonly securable: Securable;
      readonly name: string;
      readonly position?: number | undefined;
      /** Set for what a view reaches through an intact chain or not: whose definition named the object. */
      readonly through?: ViewLink | undefined;
    }
  /** Any of SELECT, MODIFY, READ_METADATA, ownership: enough to see columns. */
  | {
      readonly kind: "visible";
      readonly securable: Securable;
      readonly name: string;
      readonly position?: number | undefined;
    }
  /** Owner of the object or of an ancestor. */
  | {
      readonly kind: "owner";
      readonly securable: Securable;
      readonly name: string;
      readonly position?: number | undefined;
    }
  | { readonly kind: "admin"; readonly action: string }
  /** No row filter or mask on the table, whoever asks; `what` is what cannot be done to one that has, as its error begins. */
  | {
      readonly kind: "ungoverned";
      readonly securable: Securable;
      readonly what: string;
      readonly name: string;
      readonly position?: number | undefined;
    };

/** The chain a reference in a view body hangs on (access-control: section 8). */
export interface ViewLink {
  /** The view or function whose text names the object. */
  readonly definer: ObjectId;
  /** The requirement holds only if the links above it were reached: outermost first. */
  readonly path: readonly ObjectId[];
  /** Name of the outermost view as the user typed it: errors name nothing below it. */
  readonly outermostName: string;
  /** Below a row filter or mask: its function, whose owner stands in for the caller; anybody else needs nothing. */
  readonly policy?: ObjectId;
}
