// What a transaction block makes of names and rights before it commits: the same catalog and access state over a copy of the metastore.
// The block's own statements resolve and are authorized against it; COMMIT writes it to the metastore at one go, or fails with 40001.

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Catalog } from "../storage/catalog/catalog.ts";
import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { ObjectId, PrincipalId } from "../storage/common/ids.ts";
import { callsOf } from "../storage/common/policy.ts";
import { openDraft, replay } from "../storage/metastore/draft.ts";
import { serializationFailure } from "../storage/metastore/errors.ts";
import { parentOf } from "../storage/metastore/objects.ts";
import type { Write } from "../storage/metastore/sqlite.ts";
import { AccessState } from "./access-state.ts";
import type { AuditEvent } from "./audit.ts";
import { CredentialEvents } from "./credential-events.ts";
import type { Governance } from "./governance.ts";
import { RefusalLog } from "./refusals.ts";
import { Tokens } from "./tokens.ts";

type Objects = ReadonlyMap<ObjectId, CatalogObject>;

/** A copy of what is committed, with the block's writes on it. */
interface Made {
  readonly governance: Governance;
  readonly base: Objects;
  readonly principals: ReadonlySet<PrincipalId>;
  /** Versions of the catalog and the rights it was copied at. */
  readonly copied: readonly [catalog: number, access: number];
}

export class GovernanceDraft implements Disposable {
  readonly #committed: Governance;
  readonly #events: AuditEvent[] = [];
  #made: Made;
  /** Writes that a rollback to a savepoint has left; the draft still shows those after them. */
  #kept: number | undefined;

  constructor(committed: Governance) {
    this.#committed = committed;
    this.#made = this.#make([]);
  }

  /** Of the block's own statements. */
  get governance(): Governance {
    return this.#made.governance;
  }

  /**
   * Before each statement of the block: what others have committed since, rights revoked above all, counts for the block as for everybody,
   * and what it rolled back is gone. Throws 40001 where others have changed what the block changed.
   */
  refresh(): void {
    const [catalog, access] = versionsOf(this.#committed);
    const [copiedCatalog, copiedAccess] = this.#made.copied;
    const isBehind = catalog !== copiedCatalog || access !== copiedAccess;
    if (!isBehind && this.#kept === undefined) return;
    if (isBehind) this.check();
    const made = this.#make(this.#writes);
    this.governance[Symbol.dispose]();
    this.#made = made;
    this.#kept = undefined;
  }

  /** Answers what takes back, at the next `refresh`, everything that is changed from now on. */
  mark(): () => void {
    const writes = this.#writes.length;
    const events = this.#events.length;
    return () => {
      if (this.#writes.length > writes) this.#kept = writes;
      this.#events.length = events;
    };
  }

  get isUnchanged(): boolean {
    return this.#writes.length === 0;
  }

  /** What COMMIT writes to the metastore, and tells the audit, as a note of it keeps them. */
  get changes(): {
    readonly writes: readonly Write[];
    readonly events: readonly string[];
  } {
    const events = this.#events.map((event) => JSON.stringify(event));
    return { writes: this.#writes, events };
  }

  has(id: ObjectId): boolean {
    return this.governance.catalog.object(id) !== undefined;
  }

  get #writes(): readonly Write[] {
    return this.governance.metastore.db.writes.slice(0, this.#kept);
  }

  /** Objects that were there before and are no more. */
  get dropped(): readonly CatalogObject[] {
    const { catalog } = this.governance;
    return [...this.#made.base.values()].filter(
      ({ id }) => catalog.object(id) === undefined,
    );
  }

  /** Throws 40001 when another session has changed what the draft changes. */
  check(): void {
    const { catalog } = this.#committed;
    for (const object of this.#changed()) {
      const before = this.#made.base.get(object.id);
      if (!isSame(catalog.object(object.id), before))
        throw changedMeanwhile(object);
    }
    const gone = new Set(this.dropped.map(({ id }) => id));
    for (const object of catalog.index.objects()) {
      const parent = parentOf(object);
      if (parent !== undefined && gone.has(parent) && !gone.has(object.id))
        throw changedMeanwhile(object);
    }
  }

  /** `along` is written in the same transaction. Throws 40001, and 58030 where the audit cannot be written; then nothing has changed. */
  commit(along: () => void): void {
    const { metastore, catalog, access, audit, tokens } = this.#committed;
    this.check();
    const { dropped } = this;
    const users = access.principals().filter(({ id }) => this.#droppedUser(id));
    metastore.db.transaction(() => {
      replay(metastore.db, this.#writes);
      along();
      catalog.adopt(dropped, this.#fresh());
      for (const { id } of users) {
        tokens.endOfPrincipal(id);
        catalog.clearOwner(id);
      }
      access.reload();
      this.#requireFunctions();
      for (const event of this.#events) audit.recordOrFail(event);
    });
  }

  [Symbol.dispose](): void {
    this.governance[Symbol.dispose]();
  }

  #make(writes: readonly Write[]): Made {
    const committed = this.#committed;
    const copied = versionsOf(committed);
    const metastore = openDraft(committed.metastore);
    try {
      const catalog = new Catalog(metastore);
      const access = new AccessState(metastore, catalog);
      const base = objectsOf(catalog);
      const principals = new Set(access.principals().map(({ id }) => id));
      if (writes.length > 0) {
        metastore.db.transaction(() => replay(metastore.db, writes));
        catalog.reload();
        access.reload();
      }
      const governance = this.#governanceOf({ metastore, catalog, access });
      return { governance, base, principals, copied };
    } catch (error) {
      metastore[Symbol.dispose]();
      throw error;
    }
  }

  #governanceOf(
    parts: Pick<Governance, "metastore" | "catalog" | "access">,
  ): Governance {
    const committed = this.#committed;
    const { metastore, access } = parts;
    return {
      ...committed,
      ...parts,
      draft: randomUUID(),
      // Sessions of a user who is dropped end when that is committed.
      tokens: new Tokens({
        metastore,
        access,
        events: new CredentialEvents(),
        conf: committed.conf,
      }),
      refusals: new RefusalLog(committed.audit, access),
      // A refusal stands whatever becomes of the block; a change of rights happens, and is told, when it commits.
      audit: {
        record: (event) => committed.audit.record(event),
        recordOrFail: (event) => void this.#events.push(event),
        files: () => committed.audit.files(),
      },
      [Symbol.dispose]: () => metastore[Symbol.dispose](),
    };
  }

  /** Known to the draft when it was made, and dropped in it. */
  #droppedUser(id: PrincipalId): boolean {
    const { access } = this.governance;
    return this.#made.principals.has(id) && access.principal(id) === undefined;
  }

  /** One session may drop the function that another gives to a policy: together they would leave a table that cannot be read. */
  #requireFunctions(): void {
    const { catalog } = this.#committed;
    const ours = new Set(this.#changed().map(({ id }) => id));
    for (const object of catalog.index.objects()) {
      if (object.kind !== "table") continue;
      const lost = callsOf(object.policies).some(
        (call) =>
          catalog.object(call.function) === undefined &&
          (ours.has(object.id) || ours.has(call.function)),
      );
      if (lost) throw changedMeanwhile(object);
    }
  }

  /** Objects that are new, gone or another than before, each as it is or last was. */
  #changed(): readonly CatalogObject[] {
    return [...this.#fresh(), ...this.dropped];
  }

  /** Those that are new or another than before. */
  #fresh(): readonly CatalogObject[] {
    return [...this.governance.catalog.index.objects()].filter(
      (object) => !isSame(this.#made.base.get(object.id), object),
    );
  }
}

function versionsOf({ catalog, access }: Governance): Made["copied"] {
  return [catalog.version, access.version];
}

function objectsOf({ index }: Catalog): Objects {
  return new Map([...index.objects()].map((object) => [object.id, object]));
}

/** As stored: an object that was just made may lack members that are undefined in one that was read. */
function isSame(
  a: CatalogObject | undefined,
  b: CatalogObject | undefined,
): boolean {
  return a === b || isDeepStrictEqual(stored(a), stored(b));
}

function stored(object: CatalogObject | undefined): unknown {
  return JSON.parse(JSON.stringify(object ?? null));
}

function changedMeanwhile({ kind, name }: CatalogObject): Error {
  return serializationFailure(`${kind} "${name}"`);
}
