// Requests to the services that hand out credentials: metadata servers, STS, OAuth. Their answers are JSON or XML, and hold secrets:
// no error repeats them.

import { SqlError } from "../../common/errors.ts";
import { credentialsFailed } from "../errors.ts";
import {
  encodePart,
  type Exchange,
  type HttpResponse,
} from "../remote/http.ts";
import {
  sendWithRetries,
  STORE_RETRIES,
  type RetryPolicy,
} from "../remote/retry.ts";

export interface ServiceRequest {
  /** As errors name the service: "the instance metadata service". */
  readonly service: string;
  readonly method: "GET" | "PUT" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

export type AskService = (request: ServiceRequest) => Promise<HttpResponse>;

const RETRIES: RetryPolicy = { ...STORE_RETRIES, attempts: 4, totalMs: 10_000 };

/** Throws 42501 when the service does not answer. */
export function serviceClient(
  exchange: Exchange,
  policy: RetryPolicy = RETRIES,
): AskService {
  return async ({ service, method, url, headers = {}, form }) => {
    const parsed = new URL(url);
    const body = form === undefined ? undefined : formBody(form);
    const type = "application/x-www-form-urlencoded";
    const request = {
      method,
      origin: parsed.origin,
      path: parsed.pathname,
      query: [...parsed.searchParams.entries()],
      headers:
        form === undefined ? headers : { ...headers, "content-type": type },
      body,
    };
    try {
      const sending = {
        build: () => Promise.resolve(request),
        idempotent: true,
      };
      return (await sendWithRetries(exchange, sending, policy)).response;
    } catch (error) {
      if (error instanceof SqlError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw credentialsFailed(service, `It does not answer: ${reason}`, error);
    }
  };
}

function formBody(form: Readonly<Record<string, string>>): Uint8Array {
  const items = Object.entries(form).map(
    ([name, value]) => `${encodePart(name)}=${encodePart(value)}`,
  );
  return Buffer.from(items.join("&"));
}

/** The fields of a JSON object answered with 200. Throws 42501 with the status, and the error's name where there is one. */
export function jsonFields(
  service: string,
  { status, body }: HttpResponse,
): Readonly<Record<string, unknown>> {
  const fields = fieldsOf(Buffer.from(body).toString("utf8"));
  if (status === 200 && fields !== undefined) return fields;
  const name = fields?.["error"] ?? fields?.["Code"];
  const said = typeof name === "string" ? ` ${name}` : "";
  throw credentialsFailed(service, `It answered ${status}${said}.`);
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** Throws 42501 naming the missing field. */
export function textField(
  source: string,
  fields: Readonly<Record<string, unknown>>,
  name: string,
): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "") return value;
  throw credentialsFailed(source, `"${name}" is missing.`);
}

/** An instant in ISO form, in milliseconds since 1970; undefined for a missing or unreadable one. */
export function instantField(
  fields: Readonly<Record<string, unknown>>,
  name: string,
): number | undefined {
  const value = fields[name];
  const instant = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}
