import { serialize } from "pg-protocol";
import { expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { Decoder } from "./decode.ts";
import type { FrontendMessage } from "./messages.ts";

const LIMIT = 1_000_000;

function decodeAll(chunks: readonly Buffer[]): readonly FrontendMessage[] {
  const decoder = new Decoder(LIMIT);
  const messages: FrontendMessage[] = [];
  for (const chunk of chunks) decoder.push(chunk, messages);
  return messages;
}

const text = fc
  .string({ unit: "binary", maxLength: 20 })
  .map((value) => value.replaceAll("\0", ""));
const message: fc.Arbitrary<Buffer> = fc.oneof(
  text.map((value) => serialize.query(value)),
  fc
    .record({ name: text, text, types: fc.array(fc.nat(99_999)) })
    .map((value) => serialize.parse(value)),
  fc
    .record({
      portal: text,
      statement: text,
      values: fc.array(fc.option(text)),
      binary: fc.boolean(),
    })
    .map((value) => serialize.bind(value)),
  fc
    .record({ type: fc.constantFrom("S" as const, "P" as const), name: text })
    .chain((value) =>
      fc.constantFrom(serialize.describe(value), serialize.close(value)),
    ),
  fc
    .record({ portal: text, rows: fc.nat() })
    .map((value) => serialize.execute(value)),
  fc.constantFrom(serialize.sync(), serialize.flush(), serialize.end()),
  fc
    .uint8Array({ maxLength: 50 })
    .map((bytes) => serialize.copyData(Buffer.from(bytes))),
  text.map((value) => serialize.copyFail(value)),
);

/** The bytes cut at `cuts`, taken modulo their length. */
function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...places].map((place, index) =>
    bytes.subarray(place, places[index] ?? bytes.length),
  );
}

test("any split of encoded messages decodes to the same messages", () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(5000), { maxLength: 20 }),
      (messages, cuts) => {
        const bytes = Buffer.concat(messages);
        const whole = decodeAll([bytes]);
        expect(whole).toHaveLength(messages.length);
        expect(whole.some((one) => one.kind === "Malformed")).toBe(false);
        expect(decodeAll(split(bytes, cuts))).toEqual(whole);
      },
    ),
  );
});

test("whatever bytes arrive, decoding neither throws nor keeps more than one message's limit", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 12 }),
      fc.uint8Array({ maxLength: 60 }),
      (messages, changes, tail) => {
        const bytes = Buffer.concat([...messages, tail]);
        for (const [place, value] of changes) {
          if (bytes.length > 0) bytes[place % bytes.length] = value;
        }
        const decoder = new Decoder(LIMIT);
        for (const chunk of split(bytes, [7, 77, 777])) decoder.push(chunk, []);
        expect(decoder.bufferedBytes).toBeLessThanOrEqual(LIMIT + 1);
      },
    ),
    { numRuns: 500 },
  );
});

test("fields of Bind arrive as sent, NULL and formats included", () => {
  const bytes = serialize.bind({
    portal: "p",
    statement: "s",
    values: ["1", null, Buffer.from([1, 2])],
    binary: true,
  });
  expect(decodeAll([bytes])).toEqual([
    {
      kind: "Bind",
      portal: "p",
      statement: "s",
      parameterFormats: ["text", "text", "binary"],
      parameters: [Buffer.from("1"), null, Buffer.from([1, 2])],
      resultFormats: ["binary"],
    },
  ]);
});

function raw(type: string, length: number, body: string | Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, "latin1");
  header.writeInt32BE(length, 1);
  return Buffer.concat([header, Buffer.from(body)]);
}

test.each([
  [
    "a type PostgreSQL does not know",
    raw("z", 4, ""),
    "invalid frontend message type 122",
  ],
  ["a length below four", raw("Q", 3, ""), "invalid message length"],
  ["a negative length", raw("Q", -1, ""), "invalid message length"],
  [
    "a length above the limit",
    raw("Q", LIMIT + 1, ""),
    "invalid message length",
  ],
  [
    "a long message of a short kind",
    raw("E", 20_000, ""),
    "invalid message length",
  ],
])("%s ends the stream with 08P01", (_name, bytes, message) => {
  const [first, ...rest] = decodeAll([bytes, serialize.sync()]);
  expect(first).toMatchObject({
    kind: "Broken",
    error: { code: "08P01", message },
  });
  expect(rest).toEqual([]);
});

test.each([
  ["a string without its NUL", raw("Q", 5, "x"), "08P01"],
  ["bytes behind the last field", raw("Q", 7, "x\0y"), "08P01"],
  [
    "more parameters than bytes",
    raw("B", 10, Buffer.from([0, 0, 0, 0, 255, 255])),
    "08P01",
  ],
  [
    "a format code that does not exist",
    raw("B", 10, Buffer.from([0, 0, 0, 1, 0, 9])),
    "22023",
  ],
  ["a Describe of neither statement nor portal", raw("D", 6, "Q\0"), "08P01"],
  ["text that is not UTF-8", raw("Q", 6, Buffer.from([0xff, 0])), "22021"],
])("%s is an error of that message alone", (_name, bytes, code) => {
  expect(decodeAll([bytes, serialize.sync()])).toMatchObject([
    { kind: "Malformed", error: { code } },
    { kind: "Sync" },
  ]);
});

test("a megabyte sent byte by byte is put together in good time", () => {
  const query = serialize.query("x".repeat(300_000));
  const decoder = new Decoder(LIMIT);
  const messages: FrontendMessage[] = [];
  for (const byte of query) decoder.push(Buffer.from([byte]), messages);
  expect(messages).toHaveLength(1);
});
