// Scenes beyond those of the specification, in further/*.scenes: what its rules say of cases it does not list. Over Postgres, but for
// those that only HTTP has.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Fixture } from "./fixture.ts";
import { play } from "./play.ts";
import { parseScenes, type Scene } from "./scenes.ts";

const FOLDER = join(import.meta.dirname, "further");

const scenes: readonly Scene[] = readdirSync(FOLDER).flatMap((name) =>
  parseScenes(readFileSync(join(FOLDER, name), "utf8"), name),
);

let fixture: Fixture;
beforeAll(async () => {
  fixture = await Fixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

test("each scene has a number of its own", () => {
  const ids = scenes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(scenes.map((scene) => [scene.id, scene.title, scene] as const))(
  "%s %s",
  async (_id, _title, scene) => {
    expect(await play(fixture, scene, scene.only ?? "postgres")).toEqual([]);
  },
);
