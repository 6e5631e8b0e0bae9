// Every scenario of access-control section 21, over both protocols. Ends with a line `access control scenarios: n/186`.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Fixture } from "./fixture.ts";
import { PENDING, UNWRITTEN } from "./pending.ts";
import { play } from "./play.ts";
import { parseScenes, type Protocol, type Scene } from "./scenes.ts";

const FOLDER = import.meta.dirname;
const PROTOCOLS: readonly Protocol[] = ["postgres", "http"];
/** Scenarios of each section of the specification. */
const SECTIONS = {
  A: 12,
  B: 19,
  C: 21,
  D: 24,
  E: 21,
  F: 21,
  G: 20,
  H: 16,
  I: 18,
  J: 14,
} as const;
const TOTAL = Object.values(SECTIONS).reduce((sum, count) => sum + count, 0);

const scenes: readonly Scene[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".scenes"))
  .flatMap((name) =>
    parseScenes(readFileSync(join(FOLDER, name), "utf8"), name),
  );

let fixture: Fixture;
const failed = new Map<string, string>();

beforeAll(async () => {
  fixture = await Fixture.start();
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  const holding = scenes.filter(({ id }) => !failed.has(id)).length;
  const named = [...failed].map(([id, why]) => `\n  ${id}: ${why}`).join("");
  console.log(`access control scenarios: ${holding}/${TOTAL}${named}`);
});

test("every scenario of the specification is here once", () => {
  const wanted = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}${index + 1}`),
  );
  const ids = [...scenes.map(({ id }) => id), ...Object.keys(UNWRITTEN)];
  expect(ids.toSorted()).toEqual(wanted.toSorted());
});

describe.each(PROTOCOLS)("over %s", (protocol) => {
  const played = scenes.filter(
    ({ only }) => only === undefined || only === protocol,
  );
  test.each(played.map((scene) => [scene.id, scene.title, scene] as const))(
    "%s %s",
    async (id, _title, scene) => {
      const wrong = await play(fixture, scene, protocol);
      if (wrong.length > 0) failed.set(id, `${protocol}: ${wrong.join("; ")}`);
      if (!(id in PENDING)) expect(wrong).toEqual([]);
    },
  );
});

test.each(Object.entries(PENDING))("%s is pending: %s", (id) => {
  expect([...failed.keys()], "it holds now: strike it out").toContain(id);
});
