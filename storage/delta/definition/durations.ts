// Table properties that are spans of time: `interval 30 days`, `interval 1 week 12 hours`, `168 hours`.

const UNITS_MS: Readonly<Record<string, number>> = {
  nanosecond: 1e-6,
  microsecond: 1e-3,
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

const DAY_MS = 86_400_000;
const DEFAULTS_MS = {
  "delta.deletedFileRetentionDuration": 7 * DAY_MS,
  "delta.logRetentionDuration": 30 * DAY_MS,
} as const;

type Properties = Readonly<Record<string, string>>;

/** How long tombstones, and the files they name, are kept: a week unless the table says otherwise. */
export function tombstoneRetentionMs(properties: Properties): number {
  return durationMs(properties, "delta.deletedFileRetentionDuration");
}

/** How long old versions can be read: 30 days unless the table says otherwise. */
export function logRetentionMs(properties: Properties): number {
  return durationMs(properties, "delta.logRetentionDuration");
}

/** The default when the property is absent or not understood. */
function durationMs(
  properties: Properties,
  key: keyof typeof DEFAULTS_MS,
): number {
  const text = properties[key]?.toLowerCase();
  if (text === undefined) return DEFAULTS_MS[key];
  const parts = [
    ...text
      .replace(/^\s*interval\s+/, "")
      .matchAll(/(\d+)\s*([a-z]+?)s?(?:\s+|$)/g),
  ];
  const total = parts.reduce(
    (sum, part) =>
      sum + Number(part[1]) * (UNITS_MS[part[2] ?? ""] ?? Number.NaN),
    0,
  );
  return parts.length === 0 || Number.isNaN(total) ? DEFAULTS_MS[key] : total;
}
