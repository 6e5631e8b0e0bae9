// Branded identifiers, made only here: two strings that cannot be swapped have two types.

declare const brand: unique symbol;
type Brand<T, Name> = T & { readonly [brand]: Name };

/** UUID of a catalog, schema, table, view or function in the metastore. */
export type ObjectId = Brand<string, "ObjectId">;
/** UUID of a user, service principal or group. */
export type PrincipalId = Brand<string, "PrincipalId">;
/** 64 hex characters naming an access token; not derived from its value. */
export type TokenId = Brand<string, "TokenId">;
/** A Delta table version: 0 or a positive integer below 2^53. */
export type Version = Brand<number, "Version">;
/** A compute node, unique among those that ever joined this gateway. */
export type NodeId = Brand<string, "NodeId">;
/** A column of a bound plan: unique within one statement. */
export type ColumnId = Brand<number, "ColumnId">;

export function objectId(value: string): ObjectId {
  return value as ObjectId;
}
export function principalId(value: string): PrincipalId {
  return value as PrincipalId;
}
export function tokenId(value: string): TokenId {
  return value as TokenId;
}
export function version(value: number): Version {
  return value as Version;
}
export function nodeId(value: string): NodeId {
  return value as NodeId;
}
export function columnId(value: number): ColumnId {
  return value as ColumnId;
}
