// Reads intervals in PostgreSQL's own output style, `1 year -2 mons +3 days -04:05:06.7`: what declared interval columns hold.

import type { IntervalParts } from "./interval-text.ts";

const CLOCK = /^([+-]?)(\d+):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/;

/** Undefined when the text is not in that style. */
export function parseInterval(text: string): IntervalParts | undefined {
  const words = text.trim().split(/\s+/);
  let months = 0;
  let days = 0;
  let micros = 0n;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const clock = CLOCK.exec(word);
    if (clock !== null) {
      micros = clockMicros(clock);
      continue;
    }
    const count = Number(word);
    const unit = words[++i] ?? "";
    if (word === "" || !Number.isInteger(count)) return undefined;
    if (/^years?$/.test(unit)) months += count * 12;
    else if (/^mons?$/.test(unit)) months += count;
    else if (/^days?$/.test(unit)) days += count;
    else return undefined;
  }
  return { months, days, micros };
}

/** `HH:MM:SS[.ffffff]` in microseconds; undefined when it is none. */
export function parseTimeMicros(text: string): bigint | undefined {
  const clock = CLOCK.exec(text);
  return clock === null ? undefined : clockMicros(clock);
}

function clockMicros(clock: RegExpExecArray): bigint {
  const [, sign, hours = "0", minutes = "0", seconds = "0", fraction = ""] =
    clock;
  const total =
    (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) *
      1_000_000n +
    BigInt(fraction.padEnd(6, "0"));
  return sign === "-" ? -total : total;
}
