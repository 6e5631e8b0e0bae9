// The Statement Execution API (http-api section 4).

import type { FastifyInstance } from "fastify";
import { identityOf } from "../credentials.ts";
import { readParameters, type ParameterInput } from "../parameters.ts";
import {
  HttpProblem,
  invalidParameter,
  statementNotFound,
} from "../problem.ts";
import type { Statement } from "../statement.ts";
import { chunkBody, statementBody } from "../statement-response.ts";
import type { StatementStore } from "../statement-store.ts";
import type { ApiFormat } from "../results/chunk-format.ts";
import type { Disposition } from "../results/collect-rows.ts";
import type { HttpServices } from "../services.ts";
import { linksFor } from "./links.ts";
import type { Clock } from "../../session/clock.ts";

interface SubmitBody {
  readonly statement: string;
  readonly warehouse_id?: string;
  readonly catalog?: string;
  readonly schema?: string;
  readonly parameters?: readonly ParameterInput[];
  readonly row_limit?: number;
  readonly byte_limit?: number;
  readonly disposition: Disposition;
  readonly format: ApiFormat;
  readonly wait_timeout: string;
  readonly on_wait_timeout: "CONTINUE" | "CANCEL";
}

const PARAMETER = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    ordinal: { type: "integer", minimum: 1 },
    value: { type: ["string", "null"] },
    type: { type: "string" },
  },
};

const SUBMIT = {
  type: "object",
  required: ["statement"],
  properties: {
    statement: { type: "string", maxLength: 16_777_216 },
    warehouse_id: { type: "string" },
    catalog: { type: "string" },
    schema: { type: "string" },
    parameters: { type: "array", items: PARAMETER, maxItems: 65_535 },
    row_limit: { type: "integer", minimum: 1 },
    byte_limit: { type: "integer", minimum: 1 },
    disposition: {
      type: "string",
      enum: ["INLINE", "EXTERNAL_LINKS", "INLINE_OR_EXTERNAL_LINKS"],
      default: "INLINE",
    },
    format: {
      type: "string",
      enum: ["JSON_ARRAY", "ARROW_STREAM", "CSV"],
      default: "JSON_ARRAY",
    },
    wait_timeout: { type: "string", default: "10s" },
    on_wait_timeout: {
      type: "string",
      enum: ["CONTINUE", "CANCEL"],
      default: "CONTINUE",
    },
  },
};

const PATH = "/api/2.0/sql/statements";
const JSON_TYPE = "application/json; charset=utf-8";

interface ById {
  readonly Params: { readonly id: string };
}

export function statementRoutes(
  app: FastifyInstance,
  store: StatementStore,
  services: HttpServices,
): void {
  app.post<{ Body: SubmitBody }>(
    PATH,
    { schema: { body: SUBMIT } },
    async (request, reply) => {
      const { body } = request;
      const waitMs = waitTimeoutMs(body.wait_timeout);
      refuseInline(body);
      const statement = store.submit(
        identityOf(request),
        {
          sql: body.statement,
          parameters: readParameters(body.parameters ?? []),
          wanted: {
            format: body.format,
            disposition: body.disposition,
            rowLimit: body.row_limit,
            byteLimit: body.byte_limit,
          },
        },
        namespaceOf(body),
      );
      if (
        waitMs > 0 &&
        !(await endsWithin(statement, waitMs, services.clock)) &&
        body.on_wait_timeout === "CANCEL"
      ) {
        statement.cancel();
        await statement.ended;
      }
      const answer = await statementBody(
        statement,
        linksFor(services, request),
      );
      return reply.type(JSON_TYPE).send(answer);
    },
  );

  app.get<ById>(`${PATH}/:id`, async (request, reply) => {
    const statement = store.find(request.params.id, identityOf(request));
    const answer = await statementBody(statement, linksFor(services, request));
    return reply.type(JSON_TYPE).send(answer);
  });

  app.get<{ Params: { readonly id: string; readonly chunk: string } }>(
    `${PATH}/:id/result/chunks/:chunk`,
    async (request, reply) => {
      const statement = store.find(request.params.id, identityOf(request));
      const index = Number(request.params.chunk);
      if (statement.state === "CLOSED")
        throw statementNotFound(request.params.id);
      if (statement.state !== "SUCCEEDED") {
        throw new HttpProblem(
          400,
          "INVALID_STATE",
          `The statement is in state ${statement.state}; it has no result.`,
        );
      }
      if (statement.outcome?.chunks[index] === undefined) {
        throw new HttpProblem(
          404,
          "NOT_FOUND",
          `The result has no chunk ${request.params.chunk}.`,
        );
      }
      const answer = await chunkBody(
        statement,
        index,
        linksFor(services, request),
      );
      return reply.type(JSON_TYPE).send(answer);
    },
  );

  app.post<ById>(`${PATH}/:id/cancel`, (request) => {
    store.find(request.params.id, identityOf(request)).cancel();
    return {};
  });

  app.delete<ById>(`${PATH}/:id`, async (request) => {
    await store.find(request.params.id, identityOf(request)).close();
    return {};
  });
}

/** `0s`, or `5s` to `50s`. */
function waitTimeoutMs(text: string): number {
  const seconds = /^(\d{1,2})s$/.exec(text)?.[1];
  const value = seconds === undefined ? Number.NaN : Number(seconds);
  if (value === 0 || (value >= 5 && value <= 50)) return value * 1000;
  throw invalidParameter(
    `wait_timeout must be 0s, or from 5s to 50s; "${text}" was given.`,
  );
}

function refuseInline({ format, disposition }: SubmitBody): void {
  if (format === "JSON_ARRAY" || disposition !== "INLINE") return;
  throw invalidParameter(
    `The format ${format} is not supported with disposition INLINE.`,
  );
}

/** The JDBC driver names catalog SPARK and schema default when its user names none. */
function namespaceOf({ catalog, schema }: SubmitBody): {
  catalog?: string;
  schema?: string;
} {
  return {
    ...(catalog === undefined || catalog === "SPARK" ? {} : { catalog }),
    ...(schema === undefined
      ? {}
      : { schema: schema === "default" ? "public" : schema }),
  };
}

async function endsWithin(
  statement: Statement,
  timeoutMs: number,
  clock: Clock,
): Promise<boolean> {
  let stop = (): void => undefined;
  const timeout = new Promise<boolean>((resolve) => {
    stop = clock.after(timeoutMs, () => resolve(false));
  });
  const ended = statement.ended.then(() => true);
  try {
    return await Promise.race([ended, timeout]);
  } finally {
    stop();
  }
}
