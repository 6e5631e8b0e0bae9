// Plays one scenario over one protocol. Beyond what its lines say, each refusal is compared with the same statement about a name that
// nothing has, must have changed nothing, and must stand in the audit.

import { basename } from "node:path";
import { runAct } from "./acts.ts";
import {
  complaints,
  expectedReasons,
  hiddenName,
  isRefusal,
  linesFor,
} from "./expect.ts";
import type { Fixture } from "./fixture.ts";
import {
  httpSpeaker,
  postgresSpeaker,
  type Outcome,
  type Speaker,
} from "./outcome.ts";
import type { Protocol, Scene, Step } from "./scenes.ts";
import type { AuditRecord } from "./stored-state.ts";

type Statement = Extract<Step, { kind: "statement" }>;

/** What went wrong, a line each; empty when the scenario holds. */
export async function play(
  fixture: Fixture,
  scene: Scene,
  protocol: Protocol,
): Promise<readonly string[]> {
  await fixture.renew();
  const stage = new Stage(fixture, protocol);
  try {
    for (const step of scene.steps) {
      const found = await playStep(stage, step);
      if (found.length > 0)
        return found.map((text) => `${scene.file}:${step.line}: ${text}`);
    }
    return [];
  } finally {
    await stage.end();
  }
}

/** The sessions of one scenario. */
export class Stage {
  readonly fixture: Fixture;
  readonly protocol: Protocol;
  readonly #speakers = new Map<string, Speaker>();

  constructor(fixture: Fixture, protocol: Protocol) {
    this.fixture = fixture;
    this.protocol = protocol;
  }

  async speaker(user: string): Promise<Speaker> {
    const known = this.#speakers.get(user);
    if (known !== undefined) return known;
    const made = await this.open(user);
    this.#speakers.set(user, made);
    return made;
  }

  /** A session of its own, ended by the caller. */
  async open(who: string): Promise<Speaker> {
    const { gateway } = this.fixture;
    const user = this.fixture.applications.get(who) ?? who;
    const password = await this.fixture.tokenOf(user);
    return this.protocol === "http"
      ? httpSpeaker(gateway, password)
      : postgresSpeaker(gateway, { user, password });
  }

  /** The next statement of the user opens a new session. */
  async forget(user: string): Promise<void> {
    await this.#speakers.get(user)?.end();
    this.#speakers.delete(user);
  }

  async end(): Promise<void> {
    for (const speaker of this.#speakers.values()) await speaker.end();
  }
}

async function playStep(stage: Stage, step: Step): Promise<readonly string[]> {
  switch (step.kind) {
    case "grants":
      for (const sql of step.statements)
        await stage.fixture.asRoot(await withPlaces(stage.fixture, sql));
      return [];
    case "act":
      return complaints(
        await runAct(stage, await withPlaces(stage.fixture, step.said)),
        step.expected,
        stage.protocol,
      );
    case "statement":
      return playStatement(stage, step);
  }
}

async function playStatement(
  stage: Stage,
  step: Statement,
): Promise<readonly string[]> {
  const expected = await Promise.all(
    linesFor(step.expected, stage.protocol).map((line) =>
      withPlaces(stage.fixture, line),
    ),
  );
  const { stored } = stage.fixture;
  const sql = await withPlaces(stage.fixture, step.sql);
  const speaker = await stage.speaker(step.who);
  const before = stored.read();
  const audited = stored.auditLength();
  const outcome = await speaker.run(sql, step.prepared);
  const who = stage.fixture.applications.get(step.who) ?? step.who;
  const found = [...complaints(outcome, expected, stage.protocol)];
  if (found.length > 0 || outcome.kind === "ok") return found;
  if (stored.read().all !== before.all)
    found.push("it was refused, and something changed");
  if (!isRefusal(expected)) return found;
  found.push(
    ...wrongAudit(
      stored.auditAfter(audited),
      { ...step, who, expected },
      outcome.code,
    ),
    ...(await unlikeAbsent(speaker, { ...step, expected }, sql, outcome)),
  );
  return found;
}

/** `{sales.orders}` is the folder of that table, `{sales.orders/}` the folder's name, `{sp1}` the application id of that service principal. */
async function withPlaces(fixture: Fixture, sql: string): Promise<string> {
  let text = sql;
  for (const [whole, name = ""] of sql.matchAll(/\{([a-z0-9_./]+)\}/g)) {
    const place =
      fixture.applications.get(name) ??
      (await fixture.locationOf(name.replace("/", "")));
    text = text.replace(whole, name.endsWith("/") ? basename(place) : place);
  }
  return text;
}

function wrongAudit(
  records: readonly AuditRecord[],
  { who, expected }: Statement,
  code: string,
): readonly string[] {
  const refusals = records.filter(
    ({ action_name, user_identity, response, request_params }) =>
      action_name === "requestPermissions" &&
      user_identity.email === who &&
      response.result === "refused" &&
      request_params["sqlstate"] === code,
  );
  if (refusals.length === 0)
    return [`no audit record of the refusal among ${JSON.stringify(records)}`];
  const reasons = refusals.map(({ response }) => response.error_message ?? "");
  return expectedReasons(expected)
    .filter((wanted) => !reasons.some((reason) => reason.includes(wanted)))
    .map((wanted) => `the audit says ${reasons.join("; ")}, not ${wanted}`);
}

/** The statement about a name of the same length that nothing has must fail in the very same words. */
async function unlikeAbsent(
  speaker: Speaker,
  { expected, prepared }: Pick<Statement, "expected" | "prepared">,
  sql: string,
  outcome: Outcome,
): Promise<readonly string[]> {
  const name = hiddenName(expected)?.replace(/\(.*$/, "");
  if (name === undefined) return [];
  const last = name.split(".").at(-1) ?? name;
  const absent = `${last.slice(0, -1)}${last.endsWith("q") ? "x" : "q"}`;
  const twin = sql.replaceAll(last, absent);
  if (twin === sql) return [`"${last}" stands nowhere in the statement`];
  const other = await speaker.run(twin, prepared && `${prepared}2`);
  const same =
    JSON.stringify(other).replaceAll(absent, last) === JSON.stringify(outcome);
  return same
    ? []
    : [
        `an absent name gives ${JSON.stringify(other)}, not ${JSON.stringify(outcome)}`,
      ];
}
