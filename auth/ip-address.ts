// Addresses and CIDR blocks as numbers. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.

import { isIP } from "node:net";

export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** All addresses whose first `prefix` bits are those of `address`. */
export interface Block {
  readonly address: Address;
  readonly prefix: number;
}

const MAPPED = 0xffffn << 32n;

/** Undefined for what is no address; a zone (`fe80::1%eth0`) is left out. */
export function parseAddress(text: string): Address | undefined {
  const [bare = ""] = text.split("%");
  switch (isIP(bare)) {
    case 4:
      return { bits: 32, value: ipv4(bare) };
    case 6: {
      const value = ipv6(bare);
      return value >> 32n === MAPPED >> 32n
        ? { bits: 32, value: value & 0xffff_ffffn }
        : { bits: 128, value };
    }
    default:
      return undefined;
  }
}

/** An address or `address/prefix`; undefined for anything else. */
export function parseBlock(text: string): Block | undefined {
  const match = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text);
  const written = match?.[1] ?? "";
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  const writtenBits = isIP(written) === 6 ? 128 : 32;
  const writtenPrefix =
    match?.[2] === undefined ? writtenBits : Number(match[2]);
  const prefix = writtenPrefix - (writtenBits - address.bits);
  return writtenPrefix > writtenBits || prefix < 0
    ? undefined
    : { address, prefix };
}

export function contains({ address, prefix }: Block, other: Address): boolean {
  const shift = BigInt(address.bits - prefix);
  return (
    address.bits === other.bits &&
    address.value >> shift === other.value >> shift
  );
}

/** False for a text that is no address. */
export function containsAddress(
  blocks: readonly Block[],
  text: string,
): boolean {
  const address = parseAddress(text);
  return (
    address !== undefined && blocks.some((block) => contains(block, address))
  );
}

/** `127.0.0.0/8` and `::1`: this machine itself. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

function ipv4(text: string): bigint {
  return text
    .split(".")
    .reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const whole =
    dotted === null
      ? text
      : `${dotted[1] ?? ""}${hexPairs(ipv4(dotted[2] ?? ""))}`;
  const [head = "", tail] = whole.split("::");
  const groups = (part: string): readonly string[] =>
    part === "" ? [] : part.split(":");
  const front = groups(head);
  const back = groups(tail ?? "");
  const zeros = Array.from(
    { length: 8 - front.length - back.length },
    () => "0",
  );
  return [...front, ...zeros, ...back].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function hexPairs(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
