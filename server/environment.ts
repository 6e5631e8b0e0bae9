// The session as resolving and binding see it.

import type {
  BindEnvironment,
  ResolveEnvironment,
} from "../planner/bind/environment.ts";
import { sessionFunction } from "./session-functions.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";
import { visibleTo } from "./visible.ts";

export function resolveEnvironment(
  services: Services,
  session: Session,
): ResolveEnvironment {
  return {
    lookup: visibleTo(session, services),
    currentCatalog: session.currentCatalog,
    searchPath: session.searchPath,
    temporary: session.temporary?.contents,
    session: sessionFunction(services, session),
    timeZone: session.settings.output().timeZone,
  };
}

export function bindEnvironment(
  services: Services,
  session: Session,
): BindEnvironment {
  const { catalog } = services.governance;
  const visible = visibleTo(session, services);
  const { timeZone, dateStyle } = session.settings.output();
  return {
    session: sessionFunction(services, session),
    timeZone,
    dateStyle,
    evolvesSchemas: evolvesSchemas(session),
    mayInspect: (id) => {
      const entry = catalog.object(id);
      return entry === undefined
        ? session.temporary?.owns(id) === true
        : visible.mayReadMetadata(entry);
    },
  };
}

/** `SET spark.databricks.delta.schema.autoMerge.enabled = true`: every INSERT and MERGE is WITH SCHEMA EVOLUTION, as in Spark. */
export function evolvesSchemas({ settings }: Session): boolean {
  return (
    settings.get("spark.databricks.delta.schema.autoMerge.enabled") === "on"
  );
}
