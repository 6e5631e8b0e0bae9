// Postgres messages as a client sends them, and what damage can make of them: fields cut, filled, repeated and out of range, types
// exchanged, and at the end of a stream lengths that are not true. The same for the same random numbers.

import { serialize } from "pg-protocol";

type Random = () => number;

const SQL = [
  "select 1",
  "select $1::int4 + 1, $2::text",
  "select id, v from z.t where id = $1",
  "select n, repeat('x', 100) from generate_series(1, 300) as g(n)",
  "begin",
  "commit",
  "rollback",
  "savepoint a",
  "rollback to a",
  "declare c cursor for select id from z.t",
  "fetch 2 from c",
  "close all",
  "prepare p as select $1::numeric",
  "execute p(1.5)",
  "deallocate all",
  "discard all",
  "set datestyle = 'ISO, DMY'",
  "set client_encoding = 'UTF8'",
  "show all",
  "copy z.t from stdin",
  "copy z.t from stdin with (format binary)",
  "copy (select id, v from z.t) to stdout",
  "explain select * from z.t",
  "select 1/0; select 2",
  "select '\\xff'::bytea, 'é', U&'\\0041', $$a$$, `z`.`t`",
  "selec",
  "",
];
const NAMES = ["", "", "", "s", "s", "p", "é", "x".repeat(63)];
const VALUES = ["1", "", "nan", "-2147483649", "{1,2}", "\\x00", "2026-01-01"];
/** Bytes at which fields change their meaning. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x27, 0x22, 0x24, 0x5c, 0x2a];
const TYPES = Array.from("QPBDCEHSXdcfFp");

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function upTo(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** A message as clients send it. */
function message(random: Random): Buffer {
  const name = (): string => pick(random, NAMES);
  const kinds: readonly (() => Buffer)[] = [
    ...[1, 2, 3, 4].map(() => () => serialize.query(pick(random, SQL))),
    () =>
      serialize.parse({
        name: name(),
        text: pick(random, SQL),
        types: pick(random, [[], [23], [25, 0], [99_999]]),
      }),
    () =>
      serialize.bind({
        portal: name(),
        statement: name(),
        values: Array.from({ length: upTo(random, 3) }, () =>
          random() < 0.2 ? null : pick(random, VALUES),
        ),
        binary: random() < 0.3,
      }),
    () => serialize.execute({ portal: name(), rows: upTo(random, 4) }),
    () => serialize.describe({ type: pick(random, ["S", "P"]), name: name() }),
    () => serialize.close({ type: pick(random, ["S", "P"]), name: name() }),
    sync,
    () => serialize.flush(),
    () => serialize.copyData(Buffer.from("1\t2\n\\N\t\\.\n")),
    () => serialize.copyDone(),
    () => serialize.copyFail(name()),
  ];
  return pick(random, kinds)();
}

/** A message with a true length, its content damaged in one way, seldom in more. */
function damaged(random: Random): Buffer {
  const whole = message(random);
  const type = Buffer.from(
    random() < 0.02 ? pick(random, TYPES) : whole.subarray(0, 1),
  );
  let body: Buffer = Buffer.from(whole.subarray(5));
  do body = pick(random, DAMAGES)(body, random);
  while (random() < 0.25);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([type, length, body]);
}

function sync(): Buffer {
  return serialize.sync();
}

type Damage = (body: Buffer, random: Random) => Buffer;

const DAMAGES: readonly Damage[] = [
  (body, random) => {
    if (body.length === 0) return Buffer.from([pick(random, EDGES)]);
    const at = upTo(random, body.length);
    body[at] = (body[at] ?? 0) ^ (1 << upTo(random, 8));
    return body;
  },
  (body, random) => {
    if (body.length > 0) body[upTo(random, body.length)] = pick(random, EDGES);
    return body;
  },
  (body, random) => body.subarray(0, upTo(random, body.length + 1)),
  (body, random) => {
    const at = upTo(random, body.length + 1);
    const to = at + upTo(random, 8);
    return Buffer.concat([body.subarray(0, at), body.subarray(to)]);
  },
  (body, random) => {
    const at = upTo(random, body.length + 1);
    const piece = Buffer.from(
      Array.from({ length: 1 + upTo(random, 6) }, () => pick(random, EDGES)),
    );
    return Buffer.concat([body.subarray(0, at), piece, body.subarray(at)]);
  },
  (body, random) => {
    const at = upTo(random, body.length + 1);
    return Buffer.concat([body, body.subarray(at)]);
  },
];

/** Bytes after which nothing has its place any more. */
function falseEnd(random: Random): Buffer {
  const bytes = Buffer.from(message(random));
  const lengths = [-1, 0, 3, 4, 5, 0x7fffffff, -0x80000000, 70_000_000];
  if (random() < 0.5) bytes.writeInt32BE(pick(random, lengths), 1);
  else if (random() < 0.5) bytes[0] = upTo(random, 256);
  else return bytes.subarray(0, upTo(random, bytes.length));
  return bytes;
}

/** So many messages, half of them damaged; a third of the streams end where no message does. */
export function hostileStream(random: Random, count: number): Buffer {
  const messages = Array.from({ length: count }, () =>
    pick(random, [message, message, sync, damaged, damaged, damaged])(random),
  );
  if (random() < 1 / 3) messages.push(falseEnd(random));
  return Buffer.concat(messages);
}

/** Cut anywhere: in a quarter of the cases into single bytes at the start. */
export function split(bytes: Buffer, random: Random): readonly Buffer[] {
  const cuts = Array.from({ length: upTo(random, 8) }, () =>
    upTo(random, bytes.length + 1),
  );
  if (random() < 0.25)
    for (let at = 0; at < Math.min(60, bytes.length); at += 1) cuts.push(at);
  const places = [...new Set(cuts)].sort((a, b) => a - b);
  return [0, ...places].map((place, index) =>
    bytes.subarray(place, places[index] ?? bytes.length),
  );
}
