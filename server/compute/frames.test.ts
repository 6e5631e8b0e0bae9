import { describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { FRAME, type Fragment } from "./fragment.ts";
import { decodeBody, encodeBody } from "./fragment-body.ts";
import {
  bytesFrame,
  decodeRows,
  FrameParser,
  jsonFrame,
  rowsFrame,
  type Frame,
} from "./frames.ts";

describe("frames", () => {
  test("come out of any split of their bytes as they went in", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom(...Object.values(FRAME)),
            fc.uint8Array({ maxLength: 300 }),
          ),
          { maxLength: 8 },
        ),
        fc.array(fc.nat(200), { maxLength: 40 }),
        (frames, cuts) => {
          const bytes = Buffer.concat(
            frames.flatMap(([kind, payload]) => bytesFrame(kind, payload)),
          );
          const parser = new FrameParser();
          const seen: Frame[] = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            seen.push(...parser.push(bytes.subarray(at, at + cut)));
            at = Math.min(bytes.length, at + cut);
          }
          expect(
            seen.map(({ kind, payload }) => [
              kind,
              Buffer.from(payload).toString("hex"),
            ]),
          ).toEqual(
            frames.map(([kind, payload]) => [
              kind,
              Buffer.from(payload).toString("hex"),
            ]),
          );
          expect(parser.empty).toBe(true);
        },
      ),
    );
  });

  test("of rows carry their count", () => {
    const pieces = rowsFrame({ rowCount: 70_000, bytes: Buffer.from("abc") });
    const [frame] = [...new FrameParser().push(Buffer.concat(pieces))];
    expect(frame?.kind).toBe(FRAME.rows);
    expect(decodeRows(frame?.payload ?? new Uint8Array(0))).toEqual({
      rowCount: 70_000,
      bytes: Buffer.from("abc"),
    });
  });

  test("that are not whole stay back", () => {
    const parser = new FrameParser();
    const bytes = Buffer.concat(jsonFrame(FRAME.end, { rowCount: 1 }));
    expect([...parser.push(bytes.subarray(0, -1))]).toEqual([]);
    expect(parser.empty).toBe(false);
    expect([...parser.push(bytes.subarray(-1))]).toHaveLength(1);
  });

  test("of rows that are too short are refused", () => {
    expect(() => decodeRows(new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: "08P01" }),
    );
  });
});

describe("a fragment's body", () => {
  const fragment: Fragment = {
    queryId: "q",
    stageId: 1,
    attempt: 0,
    sql: "SELECT 'ü'",
    scans: [],
    inputs: [{ stageId: 0, parts: 2, columns: [] }],
    columns: [],
    output: { kind: "exchange" },
    memoryBytes: 1,
  };

  test("is read as it was written", () => {
    const parts = [Buffer.from("one"), Buffer.alloc(0)];
    const body = decodeBody(Buffer.concat(encodeBody(fragment, parts)));
    expect(body.fragment).toEqual(fragment);
    expect(body.parts.map(String)).toEqual(["one", ""]);
  });

  test("that is cut anywhere is refused (08P01)", () => {
    const whole = Buffer.concat(
      encodeBody(fragment, [Buffer.from("one"), Buffer.from("two")]),
    );
    for (let size = 0; size < whole.length; size++) {
      expect(() => decodeBody(whole.subarray(0, size))).toThrow(
        expect.objectContaining({ code: "08P01" }),
      );
    }
  });
});
