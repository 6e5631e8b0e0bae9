// USE and `SET search_path`: what a name means among what the session may see, in its stored spelling.

import { SqlError } from "../../storage/common/errors.ts";
import type { Services } from "../services.ts";
import type { Namespace } from "../session/engine.ts";
import type { Session } from "../session/session.ts";
import { visibleTo } from "../visible.ts";

/** Throws 3D000 or 3F000, alike for what is absent and what may not be seen. */
export function openNamespace(
  services: Services,
  session: Session,
  target: Namespace,
): Namespace {
  const visible = visibleTo(session, services);
  const part = (
    name: string,
  ): { name: string; quoted: boolean; position: number } => ({
    name,
    quoted: false,
    position: 0,
  });
  const catalog = visible.catalog(part(target.catalog));
  if (catalog === undefined)
    throw new SqlError("3D000", `database "${target.catalog}" does not exist`);
  if (target.schema === undefined)
    return { catalog: catalog.name, schema: undefined };
  const schema = visible.schema(catalog.id, part(target.schema));
  if (schema === undefined)
    throw new SqlError("3F000", `schema "${target.schema}" does not exist`);
  return { catalog: catalog.name, schema: schema.name };
}
