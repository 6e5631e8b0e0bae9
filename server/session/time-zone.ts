// What SET TIME ZONE accepts: IANA names in any case, POSIX offsets (`UTC+3` is west of Greenwich), hours as a number.

const POSIX =
  /^(?:<([A-Za-z0-9+:-]+)>|([A-Za-z]{3,}))?([+-]?)(\d{1,3})(?::(\d{2}))?(?::(\d{2}))?$/;

let knownZones: ReadonlyMap<string, string> | undefined;

/** The zone as SHOW prints it, or undefined when there is no such zone. */
export function canonicalZone(text: string): string | undefined {
  const value = text.trim();
  if (value === "") return undefined;
  const named = namedZone(value);
  if (named !== undefined) return named;
  const hours = Number(value);
  if (Number.isFinite(hours)) {
    return Math.abs(hours) <= 168 ? fixedZone(hours * 3600) : undefined;
  }
  return POSIX.test(value) ? value : undefined;
}

/**
 * The zone as the nodes and `Intl` take it: an IANA name, or for the offsets that have none a POSIX one: `-05:30` is east.
 */
export function outputZone(zone: string): string {
  if (namedZone(zone) !== undefined) return zone;
  const match = POSIX.exec(zone);
  if (match === null) return "UTC";
  const [, , , sign = "", hours = "0", minutes = "0"] = match;
  const west = sign !== "-";
  if (minutes === "0" || minutes === "00") {
    const whole = Number(hours);
    if (whole === 0) return "UTC";
    if (whole <= (west ? 12 : 14)) return `Etc/GMT${west ? "+" : "-"}${whole}`;
  }
  return `${west ? "+" : "-"}${hours.padStart(2, "0")}:${minutes.padStart(2, "0")}`;
}

/** PostgreSQL's name for a fixed offset, seconds east: `<+02>-02`. */
function fixedZone(east: number): string {
  const total = Math.abs(Math.round(east));
  const parts = [
    Math.floor(total / 3600),
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  const text = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return east < 0 ? `<-${text}>+${text}` : `<+${text}>-${text}`;
}

function namedZone(value: string): string | undefined {
  const upper = value.toUpperCase();
  if (upper === "UTC" || upper === "GMT" || upper === "ZULU") {
    return upper === "ZULU" ? "Zulu" : upper;
  }
  if (!/^[A-Za-z][\w+/-]*$/.test(value)) return undefined;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
  return zoneSpellings().get(value.toLowerCase()) ?? titleCase(value);
}

/** `Intl` lists canonical names only; aliases it accepts get the usual spelling from `titleCase`. */
function zoneSpellings(): ReadonlyMap<string, string> {
  knownZones ??= new Map(
    Intl.supportedValuesOf("timeZone").map((zone) => [
      zone.toLowerCase(),
      zone,
    ]),
  );
  return knownZones;
}

/** `etc/utc` is `Etc/UTC`, `us/eastern` is `US/Eastern`, `est5edt` is `EST5EDT`. */
function titleCase(value: string): string {
  return value
    .split("/")
    .map((part, index, parts) =>
      part.length <= 3 || /\d/.test(part) || parts.length === 1
        ? shortPart(part, index, parts.length)
        : part
            .split("_")
            .map(
              (word) =>
                word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase(),
            )
            .join("_"),
    )
    .join("/");
}

function shortPart(part: string, index: number, count: number): string {
  if (count > 1 && index === 0 && part.toLowerCase() === "etc") return "Etc";
  if (count === 1 && part.length > 3 && !/\d/.test(part)) {
    return part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase();
  }
  return part.toUpperCase();
}
