// SHOW GRANTS (access-control section 10): every record that affects a securable, its own and those of its ancestors.

import { DEFAULT_CATALOG } from "../storage/catalog/catalog-index.ts";
import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { PrincipalId } from "../storage/common/ids.ts";
import { PRIVILEGE_BITS, pathOf, type SecurableKey } from "./acl.ts";
import { authorizeStatement, type Governance } from "./governance.ts";
import type { NamedSecurable } from "./grants.ts";
import { resolvePrincipal, type TypedName } from "./principals.ts";
import type { Identity } from "./principal.ts";
import { PRIVILEGES } from "./privilege.ts";

export interface GrantRow {
  readonly principal: string;
  /** `SELECT` …, `OWN`, or `DENIED_<privilege>`. */
  readonly actionType: string;
  readonly objectType: string;
  /** Back-quoted, dotted; empty for the two global securables. */
  readonly objectKey: string;
}

const OBJECT_TYPES = {
  catalog: "CATALOG$",
  schema: "DATABASE",
  table: "TABLE",
  view: "TABLE",
  function: "FUNCTION",
} as const;

/** Owners and administrators see all rows; anyone may ask about itself where the securable is visible. */
export function showGrants(
  governance: Governance,
  identity: Identity,
  on: NamedSecurable,
  about: TypedName | undefined,
): readonly GrantRow[] {
  const { access } = governance;
  const { securable, name, position } = on;
  const principal = about && resolvePrincipal(governance, about);
  const self = principal?.id === identity.principal.id;
  if (!self) {
    authorizeStatement(governance, identity, [
      { kind: "owner", securable, name, position },
    ]);
  } else if (securable.kind === "object") {
    authorizeStatement(governance, identity, [
      { kind: "visible", securable, name, position },
    ]);
  }
  const rows =
    securable.kind === "object"
      ? treeRows(governance, access.object(securable.id))
      : recordRows(governance, securable.kind, {
          objectType: securable.kind.replace("-", "_").toUpperCase(),
          objectKey: "",
        });
  return rows
    .filter(({ id }) => principal === undefined || id === principal.id)
    .map(({ row }) => row);
}

interface Line {
  readonly id: PrincipalId;
  readonly row: GrantRow;
}

/** Leaf to root, each level by principal and action. */
function treeRows(
  governance: Governance,
  object: CatalogObject | undefined,
): readonly Line[] {
  if (object === undefined) return [];
  return pathOf(governance.access, object).flatMap((level) => {
    const place = {
      objectType: OBJECT_TYPES[level.kind],
      objectKey: objectKey(governance, level),
    };
    return sorted([
      ...ownerRow(governance, level, place),
      ...recordRows(governance, level.id, place),
    ]);
  });
}

function ownerRow(
  governance: Governance,
  object: CatalogObject,
  place: Pick<GrantRow, "objectType" | "objectKey">,
): readonly Line[] {
  const owner = object.owner && governance.access.principal(object.owner);
  return owner === undefined
    ? []
    : [
        {
          id: owner.id,
          row: { principal: owner.name, actionType: "OWN", ...place },
        },
      ];
}

function recordRows(
  governance: Governance,
  securable: SecurableKey,
  place: Pick<GrantRow, "objectType" | "objectKey">,
): readonly Line[] {
  const lines: Line[] = [];
  for (const [id, marks] of governance.access.marksOn(securable) ?? []) {
    const principal = governance.access.principal(id)?.name ?? id;
    for (const privilege of PRIVILEGES) {
      const bit = PRIVILEGE_BITS[privilege];
      const add = (actionType: string): void => {
        lines.push({ id, row: { principal, actionType, ...place } });
      };
      if ((marks.granted & bit) !== 0) add(privilege);
      if ((marks.denied & bit) !== 0) add(`DENIED_${privilege}`);
    }
  }
  return sorted(lines);
}

function sorted(lines: readonly Line[]): readonly Line[] {
  const key = ({ row }: Line): string => `${row.principal}\0${row.actionType}`;
  return [...lines].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Names in the default catalog are written without it, as TACL clients compare them. */
function objectKey(governance: Governance, object: CatalogObject): string {
  const names = pathOf(governance.access, object)
    .map(({ name }) => name)
    .reverse();
  const shown =
    names.length > 1 && names[0] === DEFAULT_CATALOG ? names.slice(1) : names;
  return shown.map((name) => `\`${name.replaceAll("`", "``")}\``).join(".");
}
