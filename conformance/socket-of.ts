// The socket of a client that node pg has logged in, for tests that speak the protocol themselves from there on.

import { Duplex } from "node:stream";
import type pg from "pg";

export function socketOf(client: pg.Client): Duplex {
  const connection: unknown = Reflect.get(client, "connection");
  const stream: unknown =
    typeof connection === "object" && connection !== null
      ? Reflect.get(connection, "stream")
      : undefined;
  if (stream instanceof Duplex) return stream;
  throw new Error("node pg keeps its socket elsewhere");
}
