// The gateway and a real PostgreSQL 15, each with one session, and the word on whether their answers to a statement agree.

import { startTestGateway } from "../../harness.ts";
import { startPostgres } from "../postgres.ts";
import { BytesClient, type Answer, type Asked } from "./bytes-client.ts";

export interface Sides extends AsyncDisposable {
  readonly ours: BytesClient;
  readonly theirs: BytesClient;
  /** The same statements on both; an error on either is the test's own. */
  setUp(statements: readonly string[]): Promise<void>;
}

/** Two nodes, so that plans scatter. */
export async function startSides(): Promise<Sides> {
  const [sluice, postgres] = await Promise.all([
    startTestGateway({ nodes: 2, flags: { "log-level": "error" } }),
    startPostgres(),
  ]);
  const reference = await postgres.connect();
  const ours = new BytesClient(await sluice.connect());
  const theirs = new BytesClient(reference);
  return {
    ours,
    theirs,
    setUp: async (statements) => {
      for (const sql of statements)
        for (const side of [theirs, ours]) {
          const answer = await side.run(sql);
          if (answer.kind === "error")
            throw new Error(`${answer.code} ${answer.message}: ${sql}`);
        }
    },
    [Symbol.asyncDispose]: async () => {
      await sluice[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
    },
  };
}

export type Verdict =
  | { readonly kind: "same"; readonly failed: boolean }
  /** 0A000: not supported, by name. */
  | { readonly kind: "refused"; readonly message: string }
  | {
      readonly kind: "different";
      /** What differs, for telling whether a smaller statement shows the same defect. */
      readonly way: string;
      readonly ours: string;
      readonly theirs: string;
    };

/** What of two errors must be equal: all that is shown, the SQLSTATE, or nothing, where engines may compute arguments in another order. */
export type ErrorLikeness = "message" | "code" | "any";

export async function compareSides(
  sides: Sides,
  asked: Asked,
  errors: ErrorLikeness = "message",
): Promise<Verdict> {
  const [ours, theirs] = await Promise.all([
    sides.ours.ask(asked),
    sides.theirs.ask(asked),
  ]);
  return judge(ours, theirs, errors);
}

function judge(ours: Answer, theirs: Answer, errors: ErrorLikeness): Verdict {
  const [mine, reference] = [shown(ours), shown(theirs)];
  if (mine === reference || failAlike(ours, theirs, errors))
    return { kind: "same", failed: ours.kind === "error" };
  const refused =
    ours.kind === "error" && (ours.code === "0A000" || isTooLong(ours, theirs));
  if (refused) return { kind: "refused", message: ours.message };
  return {
    kind: "different",
    way: wayOf(ours, theirs),
    ours: mine,
    theirs: reference,
  };
}

function failAlike(
  ours: Answer,
  theirs: Answer,
  errors: ErrorLikeness,
): boolean {
  // An argument that fails is not computed beside a NULL.
  if (errors === "any" && theirs.kind === "error" && ours.kind === "rows")
    return ours.rows.every((row) => row.every((cell) => cell === null));
  return (
    ours.kind === "error" &&
    theirs.kind === "error" &&
    ours.code !== "XX000" &&
    errors !== "message" &&
    (errors === "any" || ours.code === theirs.code)
  );
}

/** Numerics end at 38 digits. */
function isTooLong(ours: Answer & { kind: "error" }, theirs: Answer): boolean {
  return (
    theirs.kind === "rows" && ours.message === "value overflows numeric format"
  );
}

function wayOf(ours: Answer, theirs: Answer): string {
  const of = (answer: Answer): string =>
    answer.kind === "error" ? answer.code : "rows";
  return `${of(ours)} instead of ${of(theirs)}`;
}

/** An answer as text, one row a line. */
function shown(answer: Answer): string {
  if (answer.kind === "error") return `${answer.code} ${answer.message}`;
  const rows = answer.rows.map((row) =>
    row
      .map((cell) => (cell === null ? "NULL" : JSON.stringify(textOf(cell))))
      .join(" | "),
  );
  return [answer.columns.join(", "), ...rows.toSorted()].join("\n");
}

/** Cells that are no UTF-8 as hexadecimal digits. */
function textOf(cell: Buffer): string {
  const text = cell.toString();
  return Buffer.from(text).equals(cell) && !text.includes("\0")
    ? text
    : `\\x${cell.toString("hex")}`;
}
