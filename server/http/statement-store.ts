// The statements of all HTTP clients by id, owner-checked, with the API's retention: rows for 1 hour, the id for 12 more
// (http-api section 4.2).

import { randomUUID } from "node:crypto";
import type { Ended } from "../../auth/credential-events.ts";
import type { Identity } from "../../auth/principal.ts";
import { HttpProblem, statementNotFound } from "./problem.ts";
import type { HttpServices } from "./services.ts";
import type { ResultStore } from "./results/result-store.ts";
import { Statement, type Submission } from "./statement.ts";

/** After the end of a statement. */
export const ROWS_KEPT_MS = 3_600_000;
const ID_KEPT_MS = 13 * 3_600_000;
const SWEEP_MS = 60_000;
/** Statements one principal may have in flight. */
const RUNNING_LIMIT = 64;

export class StatementStore implements AsyncDisposable {
  readonly #services: HttpServices;
  readonly #results: ResultStore;
  readonly #statements = new Map<string, Statement>();
  #stopSweep: () => void;
  readonly #unsubscribe: readonly (() => void)[];

  constructor(services: HttpServices, results: ResultStore) {
    this.#services = services;
    this.#results = results;
    this.#stopSweep = services.clock.after(SWEEP_MS, () => this.#sweep());
    const { credentials, ips } = services.governance;
    const refused: Ended = ({ clientAddress }) => !ips.allows(clientAddress);
    this.#unsubscribe = [
      credentials.subscribe((ended) => this.#endOf(ended)),
      ips.subscribe(() => this.#endOf(refused)),
    ];
  }

  /** What a revoked or expired credential started ends with it, and the links it was given. */
  #endOf(ended: Ended): void {
    for (const statement of this.#statements.values()) {
      if (ended(statement.identity)) statement.cancel();
      statement.readers.endWhere(ended);
    }
  }

  /** Throws 403 without CAN_USE on the warehouse, and 429 RESOURCE_EXHAUSTED, before anything is accepted, when the principal has too many running. */
  submit(
    identity: Identity,
    submission: Omit<Submission, "id">,
    namespace: { readonly catalog?: string; readonly schema?: string },
  ): Statement {
    const { permissions } = this.#services.governance;
    if (!permissions.mayUse("warehouse", identity.principal.id)) {
      throw new HttpProblem(
        403,
        "PERMISSION_DENIED",
        "User does not have permission CAN_USE on the warehouse.",
      );
    }
    const running = [...this.#statements.values()].filter(
      (statement) =>
        statement.owner === identity.principal.id &&
        (statement.state === "PENDING" || statement.state === "RUNNING"),
    );
    if (running.length >= RUNNING_LIMIT) {
      throw new HttpProblem(
        429,
        "RESOURCE_EXHAUSTED",
        `At most ${RUNNING_LIMIT} statements run at a time for one user.`,
        { "retry-after": "1" },
      );
    }
    const session = this.#services.openSession(identity, namespace.catalog);
    if (namespace.schema !== undefined)
      session.settings.setItems("search_path", [namespace.schema], "session");
    const id = randomUUID();
    const statement = new Statement(
      { ...submission, id },
      this.#results.create(identity.principal.id),
      session,
      this.#services.engine,
    );
    this.#statements.set(id, statement);
    void statement.ended.then(() => this.#services.sessionClosed(session));
    return statement;
  }

  /** Throws 404 for an unknown id, and alike for another's statement. */
  find(id: string, identity: Identity): Statement {
    const statement = this.#statements.get(id);
    if (statement?.owner !== identity.principal.id) throw statementNotFound(id);
    return statement;
  }

  /** Whoever it belongs to; undefined for an unknown id. */
  peek(id: string): Statement | undefined {
    return this.#statements.get(id);
  }

  #sweep(): void {
    const now = this.#services.clock.now();
    for (const [id, statement] of this.#statements) {
      if (statement.endedAtMs === 0) continue;
      if (now - statement.endedAtMs > ROWS_KEPT_MS) void statement.close();
      if (now - statement.endedAtMs > ID_KEPT_MS) this.#statements.delete(id);
    }
    this.#stopSweep = this.#services.clock.after(SWEEP_MS, () => this.#sweep());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopSweep();
    this.#unsubscribe.forEach((end) => end());
    const statements = [...this.#statements.values()];
    statements.forEach((statement) => statement.cancel());
    await Promise.all(statements.map((statement) => statement.ended));
    await Promise.all(statements.map((statement) => statement.close()));
  }
}
