// AT TIME ZONE with a zone that varies by row: wall clocks and instants, in microseconds since 1970.

import {
  statedOffset,
  statedOffsetOfWall,
  statedZone,
  type StatedZone,
} from "../../../../planner/functions/value/stated-zone.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { BIGINT, VARCHAR } from "../../../../storage/kernel/duckdb.ts";
import { bigint, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

function requireZone(name: string): StatedZone {
  const zone = statedZone(name);
  if (zone === undefined) {
    throw new SqlError("22023", `time zone "${name}" not recognized`);
  }
  return zone;
}

function wholeSeconds(micros: bigint): number {
  return Math.floor(Number(micros) / 1e6);
}

function wallInZone(micros: bigint, zone: string): bigint {
  const offset = statedOffset(requireZone(zone), wholeSeconds(micros));
  return micros + BigInt(offset) * 1_000_000n;
}

function instantInZone(micros: bigint, zone: string): bigint {
  const offset = statedOffsetOfWall(requireZone(zone), wholeSeconds(micros));
  return micros - BigInt(offset) * 1_000_000n;
}

export const ZONE_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "wall_in_zone",
    parameters: [BIGINT, VARCHAR],
    returns: BIGINT,
    call: (instant, zone) => wallInZone(bigint(instant), text(zone)),
  },
  {
    name: "instant_in_zone",
    parameters: [BIGINT, VARCHAR],
    returns: BIGINT,
    call: (wall, zone) => instantInZone(bigint(wall), text(zone)),
  },
];
