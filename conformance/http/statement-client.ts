// A client of the statement API that knows nothing but fetch and the API's JSON.

/** A JSON object as it came; members are looked up by name. */
export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body's text. */
  readonly text: string;
  /** The body as an object; empty when it is none. */
  readonly body: Json;
}

const PATH = "/api/2.0/sql/statements";

export interface StatementClient {
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  submit(statement: string, members?: Json): Promise<Answer>;
  get(id: string): Promise<Answer>;
  chunk(id: string, index: number): Promise<Answer>;
  cancel(id: string): Promise<Answer>;
  /** Asks until the statement has ended. */
  finish(id: string): Promise<Answer>;
}

export function statementClient(url: string, token: string): StatementClient {
  const request: StatementClient["request"] = async (
    method,
    path,
    body,
    headers = {},
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: objectIn(text),
    };
  };
  const get = (id: string): Promise<Answer> => request("GET", `${PATH}/${id}`);
  return {
    request,
    get,
    submit: (statement, members = {}) =>
      request("POST", PATH, { statement, ...members }),
    chunk: (id, index) =>
      request("GET", `${PATH}/${id}/result/chunks/${index}`),
    cancel: (id) => request("POST", `${PATH}/${id}/cancel`),
    finish: async (id) => {
      for (;;) {
        const answer = await get(id);
        if (!["PENDING", "RUNNING"].includes(stateOf(answer))) return answer;
      }
    },
  };
}

/** The member at the end of a path of names, `undefined` where it stops short. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null
        ? Reflect.get(found, name)
        : undefined,
    value,
  );
}

export function stateOf({ body }: Answer): string {
  return String(at(body, "status", "state"));
}

export function idOf({ body }: Answer): string {
  return String(at(body, "statement_id"));
}

export function rowsOf({ body }: Answer): unknown {
  return at(body, "result", "data_array");
}

function objectIn(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value))
      : {};
  } catch {
    return {};
  }
}
