// Fastify's schema compilers, loaded when the first schema is needed. By default every instance loads them when it is made, in
// the gateway and in nodes, which have no schemas at all; they take longer to load than the rest of fastify.

import { createRequire } from "node:module";
import type AjvCompiler from "@fastify/ajv-compiler";
import type SerializerSelector from "@fastify/fast-json-stringify-compiler";
import type { FastifySchemaCompiler, FastifyServerOptions } from "fastify";

type SchemaController = NonNullable<FastifyServerOptions["schemaController"]>;
type Compiler = FastifySchemaCompiler<object>;

const load = createRequire(import.meta.url) as (name: string) => unknown;

const buildValidator: AjvCompiler.BuildCompilerFromPool = (schemas, options) =>
  (load("@fastify/ajv-compiler") as typeof AjvCompiler)()(schemas, options);

const buildSerializer: SerializerSelector.SerializerFactory = (
  schemas,
  options,
) => {
  const selector = load(
    "@fastify/fast-json-stringify-compiler",
  ) as typeof SerializerSelector;
  return selector()(schemas, options);
};

/** What fastify itself would take, asked for at the first schema of an instance. */
export const lazyCompilers: SchemaController = {
  compilersFactory: { buildValidator, buildSerializer },
};

/** Compiles the schema of a route at its first request. */
export function compiledWhenUsed(
  options: Parameters<typeof buildValidator>[1],
): Compiler {
  let compile: ReturnType<typeof buildValidator> | undefined;
  return (route) => {
    let compiled: ReturnType<NonNullable<typeof compile>> | undefined;
    const validate: ReturnType<Compiler> = (data: unknown) => {
      compile ??= buildValidator({}, options);
      compiled ??= compile(route);
      const valid = compiled(data) === true;
      validate.errors = compiled.errors ?? null;
      return valid;
    };
    return validate;
  };
}
