// What came of a statement, the same over both protocols, and the two ways to send one.

import type pg from "pg";
import {
  at,
  statementClient,
  stateOf,
  type StatementClient,
} from "../http/statement-client.ts";
import type { TestGateway } from "../harness.ts";

export type Outcome = Success | Failure;

export interface Success {
  readonly kind: "ok";
  readonly columns: readonly string[];
  /** Cells as the server's text. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly notices: readonly string[];
}

export interface Failure {
  readonly kind: "error";
  /** SQLSTATE; the HTTP status of a request that came to no statement. */
  readonly code: string;
  /** Primary message; over HTTP the whole text in front of the SQLSTATE. */
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: string | undefined;
}

/** One user's session. */
export interface Speaker {
  run(sql: string, prepared?: string): Promise<Outcome>;
  end(): Promise<void>;
}

export async function postgresSpeaker(
  gateway: TestGateway,
  login: { readonly user: string; readonly password: string },
): Promise<Speaker> {
  const client = await gateway.connect({ ...login, raw: true });
  let notices: string[] = [];
  client.on("notice", ({ message }) => notices.push(message ?? ""));
  return {
    end: () => client.end(),
    run: async (text, prepared) => {
      notices = [];
      try {
        const result = await client.query<(string | null)[]>({
          text,
          rowMode: "array",
          ...(prepared === undefined ? {} : { name: prepared }),
        });
        return { kind: "ok", ...shown(result), notices };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

/** Of several statements in one text, node pg answers with a list. */
function shown(
  result: pg.QueryArrayResult<(string | null)[]>,
): Pick<Success, "columns" | "rows"> {
  const results = Array.isArray(result)
    ? (result as (typeof result)[])
    : [result];
  return {
    columns: results.flatMap(({ fields }) => fields.map(({ name }) => name)),
    rows: results.flatMap(({ rows }) => rows),
  };
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  const field = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" ? value : undefined;
  };
  return {
    kind: "error",
    code: field("code") ?? "none",
    message: error.message,
    detail: field("detail"),
    hint: field("hint"),
    position: field("position"),
  };
}

export function httpSpeaker(gateway: TestGateway, token: string): Speaker {
  const client = statementClient(gateway.httpUrl, token);
  return {
    end: () => Promise.resolve(),
    run: (sql) => submitted(client, sql),
  };
}

async function submitted(
  client: StatementClient,
  sql: string,
): Promise<Outcome> {
  let answer = await client.submit(sql, { wait_timeout: "50s" });
  if (["PENDING", "RUNNING"].includes(stateOf(answer)))
    answer = await client.finish(String(answer.body["statement_id"]));
  if (stateOf(answer) !== "SUCCEEDED") {
    const told = at(answer.body, "status", "error", "message");
    const text = typeof told === "string" ? told : answer.text;
    const [, message = text, code = String(answer.status)] =
      /^(.*) SQLSTATE: (\w{5})/s.exec(text) ?? [];
    const none = { detail: undefined, hint: undefined, position: undefined };
    return { kind: "error", code, message, ...none };
  }
  const { body } = answer;
  const columns = list(at(body, "manifest", "schema", "columns"));
  return {
    kind: "ok",
    columns: columns.map((column) => String(at(column, "name"))),
    rows: list(at(body, "result", "data_array")).map((row) =>
      list(row).map((cell) => (typeof cell === "string" ? cell : null)),
    ),
    notices: [],
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
