// Is this answer the range that was asked for? A store, a proxy or a cut connection may give something else with a good face
// (spec: "Check the status (206), Content-Range and length of every range response").

import type { ByteRange } from "../store.ts";
import type { HttpResponse } from "./http.ts";

export type RangeAnswer =
  | {
      readonly kind: "bytes";
      readonly bytes: Uint8Array;
      /** Of the whole object. */
      readonly totalBytes: number;
    }
  /** `reason` reads as a sentence. */
  | { readonly kind: "wrong"; readonly reason: string };

export function checkRange(
  range: ByteRange,
  { status, headers, body }: HttpResponse,
): RangeAnswer {
  const said = headers.get("content-range") ?? "";
  if (status === 416) return beyondTheEnd(range, said);
  if (status !== 206)
    return wrong(`It answered a range with status ${status}.`);
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(said);
  if (match === null)
    return wrong(`It named the range "${said}", which is not one.`);
  const [first, last, total] = match.slice(1).map(Number);
  if (first === undefined || last === undefined || total === undefined)
    return wrong("It named no range.");
  const wantedLast = Math.min(range.start + range.length, total) - 1;
  if (first !== range.start || last !== wantedLast)
    return wrong(
      `It sent ${said} where bytes ${range.start}-${wantedLast} were asked for.`,
    );
  if (body.length !== last - first + 1)
    return wrong(`It sent ${body.length} bytes as ${said}.`);
  return { kind: "bytes", bytes: body, totalBytes: total };
}

function beyondTheEnd(range: ByteRange, said: string): RangeAnswer {
  const total = /^bytes \*\/(\d+)$/.exec(said)?.[1];
  if (total !== undefined && Number(total) > range.start)
    return wrong(`It refused a range inside its ${total} bytes.`);
  return {
    kind: "bytes",
    bytes: new Uint8Array(0),
    totalBytes: Number(total ?? range.start),
  };
}

function wrong(reason: string): RangeAnswer {
  return { kind: "wrong", reason };
}
