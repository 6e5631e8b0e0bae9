import { describe, expect, test } from "vitest";
import { fc } from "../storage/common/property.testkit.ts";
import { contains, parseAddress, parseBlock } from "./ip-address.ts";

function holds(block: string, address: string): boolean {
  const parsed = parseBlock(block);
  const other = parseAddress(address);
  if (parsed === undefined || other === undefined) throw new TypeError(block);
  return contains(parsed, other);
}

describe("a block", () => {
  test.each([
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.1.2.3/8", "10.9.9.9", true],
    ["0.0.0.0/0", "203.0.113.7", true],
    ["0.0.0.0/0", "::1", false],
    ["203.0.113.0/31", "203.0.113.1", true],
    ["203.0.113.0/31", "203.0.113.2", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["::ffff:a00:1", "10.0.0.1", true],
    ["fe80::/10", "fe80::1%eth0", true],
  ])("%s and %s: %s", (block, address, expected) => {
    expect(holds(block, address)).toBe(expected);
  });

  test.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1/33",
    "2001:db8::/129",
    "::ffff:10.0.0.0/95",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "example.com",
    "10.0.0.1 ",
  ])("%j is none", (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });

  test("holds exactly the addresses that share its prefix", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: 0, max: 32 }),
        (a, b, prefix) => {
          const bits = (value: number): string =>
            value.toString(2).padStart(32, "0").slice(0, prefix);
          expect(holds(`${dotted(a)}/${prefix}`, dotted(b))).toBe(
            bits(a) === bits(b),
          );
        },
      ),
    );
  });
});

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
