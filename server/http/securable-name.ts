// `schema` and `main.sales` of a path -> the securable, among what the caller may see: an invisible one is answered as an absent one.

import { securableOf } from "../../auth/authorize.ts";
import { undefinedObject } from "../../auth/errors.ts";
import type { Governance } from "../../auth/governance.ts";
import type { NamedSecurable } from "../../auth/grants.ts";
import type { Identity } from "../../auth/principal.ts";
import type { SecurableKind } from "../../auth/privilege.ts";
import {
  visibleCatalog,
  type VisibleCatalog,
} from "../../auth/visible-catalog.ts";
import type { CatalogObject } from "../../storage/catalog/objects.ts";
import { invalidParameter } from "./problem.ts";

const TYPES = [
  "catalog",
  "schema",
  "table",
  "function",
  "any_file",
  "anonymous_function",
] as const;
export type SecurableType = (typeof TYPES)[number];

const KINDS: Readonly<
  Record<
    Exclude<SecurableType, "any_file" | "anonymous_function">,
    SecurableKind
  >
> = {
  catalog: "CATALOG",
  schema: "SCHEMA",
  table: "TABLE",
  function: "FUNCTION",
};

/** 400 for a type that does not exist or a name of the wrong depth; 3D000, 3F000, 42P01, 42883. */
export function securableByName(
  governance: Governance,
  identity: Identity,
  path: { readonly type: string; readonly name: string },
): { readonly type: SecurableType; readonly on: NamedSecurable } {
  const type = TYPES.find((known) => known === path.type.toLowerCase());
  switch (type) {
    case undefined:
      throw invalidParameter(`"${path.type}" is not a securable type.`);
    case "any_file":
      return {
        type,
        on: { securable: { kind: "any-file" }, name: "any file" },
      };
    case "anonymous_function":
      return {
        type,
        on: {
          securable: { kind: "anonymous-function" },
          name: "anonymous function",
        },
      };
    default: {
      const { catalog, access } = governance;
      const visible = visibleCatalog(catalog, access, identity.principal.id);
      const object = find(visible, type, parts(path.name));
      if (object === undefined) {
        throw undefinedObject(KINDS[type], path.name, undefined);
      }
      return { type, on: { securable: securableOf(object), name: path.name } };
    }
  }
}

function find(
  visible: VisibleCatalog,
  type: keyof typeof KINDS,
  names: readonly string[],
): CatalogObject | undefined {
  const depth = type === "catalog" ? 1 : type === "schema" ? 2 : 3;
  if (names.length !== depth) {
    throw invalidParameter(`The name of a ${type} has ${depth} parts.`);
  }
  const [catalogPart, schemaPart, leafPart] = names.map((name) => ({
    name,
    quoted: false,
    position: 0,
  }));
  const catalog = catalogPart && visible.catalog(catalogPart);
  if (catalog === undefined || schemaPart === undefined) return catalog;
  const schema = visible.schema(catalog.id, schemaPart);
  if (schema === undefined || leafPart === undefined) return schema;
  if (type === "table") return visible.relation(schema.id, leafPart);
  const functions = visible.functions(schema.id, leafPart);
  if (functions.length > 1) {
    throw invalidParameter("Several functions have this name.");
  }
  return functions[0];
}

/** Dotted; a part in backticks may hold dots. */
function parts(text: string): readonly string[] {
  return [...text.matchAll(/`((?:[^`]|``)+)`|([^.`]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll("``", "`") ?? plain ?? "",
  );
}
