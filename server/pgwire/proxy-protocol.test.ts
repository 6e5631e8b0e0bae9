import { describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { decodeProxyHeader } from "./proxy-protocol.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

function second(command: string, family: string, body: string): Buffer {
  const length = (body.length / 2).toString(16).padStart(4, "0");
  return Buffer.from(SIGNATURE + command + family + length + body, "hex");
}

const V4 = "c6336407cb00710400501538";
const V6 =
  "20010db8000000000000000000000001" +
  "20010db8000000000000000000000002" +
  "00501538";

const HEADERS: readonly (readonly [string, Buffer, string | undefined])[] = [
  [
    "version 1, IPv4",
    Buffer.from("PROXY TCP4 198.51.100.7 203.0.113.4 80 5432\r\n"),
    "198.51.100.7",
  ],
  [
    "version 1, IPv6",
    Buffer.from("PROXY TCP6 2001:db8::1 2001:db8::2 80 5432\r\n"),
    "2001:db8::1",
  ],
  ["version 1, unknown", Buffer.from("PROXY UNKNOWN\r\n"), undefined],
  [
    "version 1, unknown with addresses",
    Buffer.from("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"),
    undefined,
  ],
  ["version 2, IPv4", second("21", "11", V4), "198.51.100.7"],
  [
    "version 2, IPv4 with more behind it",
    second("21", "11", `${V4}030004a1b2c3d4`),
    "198.51.100.7",
  ],
  ["version 2, IPv6", second("21", "21", V6), "2001:db8:0:0:0:0:0:1"],
  ["version 2, local", second("20", "00", ""), undefined],
  ["version 2, local with addresses", second("20", "11", V4), undefined],
  ["version 2, unspecified", second("21", "00", ""), undefined],
];

describe("a header", () => {
  test.each(HEADERS)("%s", (_name, bytes, client) => {
    const behind = Buffer.concat([bytes, Buffer.from("rest")]);
    expect(decodeProxyHeader(behind)).toEqual({
      header: { kind: "header", client },
      lengthBytes: bytes.length,
    });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeProxyHeader(bytes.subarray(0, length)).header.kind).toBe(
        "incomplete",
      );
    }
  });
});

const MALFORMED: readonly (readonly [string, Buffer])[] = [
  ["a start-up packet", Buffer.from("0000000804d2162f", "hex")],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n")],
  ["lower case", Buffer.from("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n")],
  ["an address too few", Buffer.from("PROXY TCP4 1.2.3.4 1 2\r\n")],
  ["an address of the other family", Buffer.from("PROXY TCP4 ::1 ::1 1 2\r\n")],
  ["no address at all", Buffer.from("PROXY TCP4 999.1.1.1 1.2.3.4 1 2\r\n")],
  ["another family", Buffer.from("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n")],
  ["a line without end", Buffer.from(`PROXY TCP4 ${"1".repeat(200)}`)],
  ["an end too late", Buffer.from(`PROXY UNKNOWN ${"1".repeat(100)}\r\n`)],
  ["version 3", second("31", "11", V4)],
  ["a command nobody knows", second("22", "11", V4)],
  ["addresses cut short", second("21", "11", V4.slice(2))],
  ["IPv6 addresses cut short", second("21", "21", V4)],
  ["a family nobody knows", second("21", "41", V4)],
  ["a Unix socket", second("21", "31", "00".repeat(216))],
  ["64 KiB of addresses", Buffer.from(`${SIGNATURE}2111ffff`, "hex")],
];

describe("what is no header", () => {
  test.each(MALFORMED)("%s", (_name, bytes) => {
    expect(decodeProxyHeader(bytes).header.kind).toBe("malformed");
  });

  test("any bytes are answered, and none twice", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (random) => {
        const { header, lengthBytes } = decodeProxyHeader(Buffer.from(random));
        expect(lengthBytes).toBeLessThanOrEqual(random.length);
        if (header.kind !== "header") expect(lengthBytes).toBe(0);
      }),
    );
  });
});
