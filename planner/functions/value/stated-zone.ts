// Zones as statements and input name them: abbreviations of PostgreSQL 15's set `Default` (timezone_abbreviations) before zones of the same
// name, and POSIX offsets. An abbreviation means one offset, summer or winter (CET has no summer); those of zones that have moved mean the zone.

import { fixedOffset, isTimeZone, offsetAt, offsetOfWall } from "./calendar.ts";

/** Hours east of UTC. */
const FIXED: readonly (readonly [hours: number, names: string])[] = [
  [-10, "hst taht"],
  [-9.5, "mart"],
  [-9, "akst gamt"],
  [-8, "akdt pst"],
  [-7, "mst pdt"],
  [-6, "cst galt mdt"],
  [-5, "act cdt cot est pet"],
  [-4, "amt ast bot edt"],
  [-3.5, "nft nst"],
  [-3, "adt bra brt clst gft pmst pyst uyt wgt"],
  [-2.5, "ndt"],
  [-2, "brst fnt pmdt uyst wgst"],
  [-1, "azot egt fnst"],
  [0, "azost egst gmt uct ut utc wet z zulu"],
  [1, "bst cet met mez wat wetdst"],
  [2, "bdst cest cetdst eet ist mest mesz metdst sast"],
  [3, "eat eest eetdst fet idt"],
  [3.5, "irt"],
  [4, "msd mut ret sct"],
  [4.5, "aft"],
  [5, "must mvt pkt tft tjt uzt"],
  [5.75, "npt"],
  [6, "almt bdt btt kgst pkst uzst xjt yekst"],
  [6.5, "mmt"],
  [7, "almst cxt ict wast"],
  [8, "awst bnt bort cct hkt myt pht wadt"],
  [8.75, "acwst"],
  [9, "awsst jayt jst kst pwt ulast wdt"],
  [9.5, "acst cast"],
  [10, "aest chut ddut kdt ligt mpt pgt trut yapt"],
  [10.5, "acdt acsst cadt lhst sadt"],
  [11, "aedt aesst pont vut"],
  [12, "fjt gilt mht nzst nzt tvt wakt wft"],
  [12.75, "chast"],
  [13, "fjst nzdt tot"],
  [13.75, "chadt"],
];

const MOVED: readonly (readonly [zone: string, names: string])[] = [
  ["America/Argentina/Buenos_Aires", "art arst"],
  ["America/Asuncion", "pyt"],
  ["America/Caracas", "vet"],
  ["America/Guyana", "gyt"],
  ["America/Santiago", "clt"],
  ["Antarctica/Davis", "davt"],
  ["Antarctica/Mawson", "mawt"],
  ["Asia/Anadyr", "anast anat"],
  ["Asia/Ashgabat", "tmt"],
  ["Asia/Baku", "azst azt"],
  ["Asia/Bishkek", "kgt"],
  ["Asia/Colombo", "lkt"],
  ["Asia/Irkutsk", "irkst irkt"],
  ["Asia/Kamchatka", "petst pett"],
  ["Asia/Krasnoyarsk", "krast krat"],
  ["Asia/Magadan", "magst magt"],
  ["Asia/Novosibirsk", "novst novt"],
  ["Asia/Omsk", "omsst omst"],
  ["Asia/Singapore", "sgt"],
  ["Asia/Tbilisi", "gest get"],
  ["Asia/Ulaanbaatar", "ulat"],
  ["Asia/Vladivostok", "vlast vlat"],
  ["Asia/Yakutsk", "yakst yakt"],
  ["Asia/Yekaterinburg", "yekt"],
  ["Asia/Yerevan", "amst"],
  ["Atlantic/Stanley", "fkst fkt"],
  ["Australia/Lord_Howe", "lhdt"],
  ["Europe/Volgograd", "volt"],
  ["Indian/Chagos", "iot"],
  ["Pacific/Easter", "easst east"],
  ["Pacific/Fakaofo", "tkt"],
  ["Pacific/Kiritimati", "lint"],
  ["Pacific/Kosrae", "kost"],
  ["Pacific/Niue", "nut"],
  ["Pacific/Rarotonga", "ckt"],
];

const OFFSETS = new Map(
  FIXED.flatMap(([hours, names]) =>
    names.split(" ").map((name) => [name, hours * 3600] as const),
  ),
);

const ZONES = new Map(
  MOVED.flatMap(([zone, names]) =>
    names.split(" ").map((name) => [name, zone] as const),
  ),
);

/** MSK survived Moscow's move to four hours and back: seconds east of UTC, and instants in seconds since 1970. */
export const MOSCOW = {
  usual: 10_800,
  moved: 14_400,
  from: 1_301_180_400,
  until: 1_414_274_400,
} as const;

export type StatedZone =
  /** Seconds east of UTC. */
  | { readonly kind: "fixed"; readonly offset: number }
  | { readonly kind: "named"; readonly zone: string }
  | { readonly kind: "moscow" };

/** Undefined for what names no zone. */
export function statedZone(text: string): StatedZone | undefined {
  const lower = text.toLowerCase();
  if (lower === "msk") return { kind: "moscow" };
  const offset = OFFSETS.get(lower) ?? fixedOffset(text) ?? posixOffset(text);
  if (offset !== undefined) return { kind: "fixed", offset };
  const zone = ZONES.get(lower) ?? text;
  return isTimeZone(zone) ? { kind: "named", zone } : undefined;
}

/** `FOO5`, `<x>-3`, `5`: west of Greenwich. */
function posixOffset(text: string): number | undefined {
  const match =
    /^(?:<[^>]*>|[A-Za-z]{3,})?([+-]?)(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?$/.exec(
      text,
    );
  if (match === null || isTimeZone(text)) return undefined;
  const [, sign, hours, minutes = "0", seconds = "0"] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? total : 0 - total;
}

/** Seconds east of UTC at an instant, in seconds since 1970. */
export function statedOffset(zone: StatedZone, epochSeconds: number): number {
  switch (zone.kind) {
    case "fixed":
      return zone.offset;
    case "named":
      return offsetAt(zone.zone, epochSeconds);
    case "moscow":
      return epochSeconds >= MOSCOW.from && epochSeconds < MOSCOW.until
        ? MOSCOW.moved
        : MOSCOW.usual;
  }
}

/** The offset for a wall clock, in seconds as if UTC. */
export function statedOffsetOfWall(
  zone: StatedZone,
  wallSeconds: number,
): number {
  return zone.kind === "named"
    ? offsetOfWall(zone.zone, wallSeconds)
    : statedOffset(zone, wallSeconds - MOSCOW.moved);
}

/** As a session names such a zone: `<+05:30>-05:30`. Undefined where one cannot: offsets with seconds, and Moscow's own. */
export function asSessionZone(zone: StatedZone): string | undefined {
  if (zone.kind === "named") return zone.zone;
  if (zone.kind === "moscow" || zone.offset % 60 !== 0) return undefined;
  const minutes = Math.abs(zone.offset) / 60;
  const size = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return zone.offset < 0 ? `<-${size}>+${size}` : `<+${size}>-${size}`;
}
