// The lines below a step, and whether an outcome is as they say:
//
//   ok                            it succeeds
//   | 1 | US | NULL               its rows are these, in any order
//   no rows
//   lists | a | b                 a row that begins so is among them
//   columns id, region
//   notice TEXT                   (Postgres) a notice contains TEXT
//   NF relation sales.orders      the very error of an absent object: relation, schema, database, function, path
//   PD SELECT on table t          visible, the privilege is missing
//   PD owner of table t           visible, somebody else's
//   PD create group               for administrators
//   error [0A000 [TEXT]]          another error, whose message contains TEXT
//   without a, b                  none of these words in anything that came back
//   hint WORD                     the error's hint contains it
//   because DENY SELECT on …      the audit names what decided
//
// `(postgres) ` or `(http) ` in front of a line keeps it to that protocol.

import type { Failure, Outcome, Success } from "./outcome.ts";
import type { Protocol } from "./scenes.ts";

/** What is wrong, in words; empty when all is as expected. */
export function complaints(
  outcome: Outcome,
  expected: readonly string[],
  protocol: Protocol,
): readonly string[] {
  const lines = linesFor(expected, protocol).filter(
    (line) => !line.startsWith("because "),
  );
  const wants = wantedError(lines);
  const found: string[] = [];
  if (outcome.kind === "error" && wants === undefined)
    return [`it failed: ${JSON.stringify(outcome)}`];
  if (outcome.kind === "ok" && wants !== undefined)
    return [`it succeeded: ${JSON.stringify(outcome.rows.slice(0, 5))}`];
  if (outcome.kind === "ok") found.push(...wrongRows(outcome, lines));
  if (outcome.kind === "error" && wants !== undefined)
    found.push(...wrongError(outcome, wants, protocol));
  for (const line of lines) {
    const complaint = wrongLine(outcome, line, protocol);
    if (complaint !== undefined) found.push(complaint);
  }
  return found;
}

/** The lines that count over this protocol. */
export function linesFor(
  expected: readonly string[],
  protocol: Protocol,
): readonly string[] {
  const other = protocol === "http" ? "(postgres) " : "(http) ";
  return expected
    .filter((line) => !line.startsWith(other))
    .map((line) => line.replace(`(${protocol}) `, ""));
}

/** An outcome that the user was refused something: these are audited. */
export function isRefusal(expected: readonly string[]): boolean {
  const wants = wantedError(expected);
  return wants !== undefined && /^(?:NF|PD) /.test(wants);
}

/** The name in `NF kind name`. */
export function hiddenName(expected: readonly string[]): string | undefined {
  const [, name] =
    /^NF (?!path)\w+ (.+)$/.exec(wantedError(expected) ?? "") ?? [];
  return name;
}

export function expectedReasons(
  expected: readonly string[],
): readonly string[] {
  return expected
    .filter((line) => line.startsWith("because "))
    .map((line) => line.slice("because ".length));
}

function wantedError(lines: readonly string[]): string | undefined {
  return lines.find((line) => /^(?:NF|PD|error)\b/.test(line));
}

function wrongRows(
  { rows }: Success,
  lines: readonly string[],
): readonly string[] {
  const wanted = lines.includes("no rows")
    ? []
    : lines.filter((line) => line.startsWith("|")).map(cellsOf);
  if (wanted.length === 0 && !lines.includes("no rows")) return [];
  const sorted = (all: readonly (readonly unknown[])[]): string =>
    JSON.stringify(all.map((row) => JSON.stringify(row)).toSorted());
  return sorted(rows) === sorted(wanted)
    ? []
    : [`its rows are ${JSON.stringify(rows)}`];
}

function cellsOf(line: string): readonly (string | null)[] {
  return line
    .replace(/^\| ?/, "")
    .split(" | ")
    .map((cell) => (cell === "NULL" ? null : cell));
}

function wrongLine(
  outcome: Outcome,
  line: string,
  protocol: Protocol,
): string | undefined {
  const [word = ""] = line.split(" ");
  const rest = line.slice(word.length + 1);
  if (word === "without") return wrongSilence(outcome, rest);
  if (outcome.kind === "error")
    return word !== "hint" ||
      `${outcome.message} ${outcome.hint ?? ""}`.includes(rest)
      ? undefined
      : `its hint is ${outcome.hint ?? "missing"}`;
  switch (word) {
    case "columns":
      return rest === outcome.columns.join(", ")
        ? undefined
        : `its columns are ${outcome.columns.join(", ")}`;
    case "notice":
      return protocol === "http" ||
        outcome.notices.some((text) => text.includes(rest))
        ? undefined
        : `its notices are ${JSON.stringify(outcome.notices)}`;
    case "lists":
      return lists(outcome, cellsOf(rest))
        ? undefined
        : `it does not list ${rest}: ${JSON.stringify(outcome.rows)}`;
    default:
      return undefined;
  }
}

function wrongSilence(outcome: Outcome, words: string): string | undefined {
  const text = JSON.stringify(outcome);
  const told = words.split(", ").filter((word) => text.includes(word));
  return told.length === 0
    ? undefined
    : `it tells ${told.join(", ")}: ${JSON.stringify(outcome)}`;
}

/** Whether a row begins with these cells. */
function lists({ rows }: Success, wanted: readonly (string | null)[]): boolean {
  return rows.some((row) => wanted.every((cell, index) => row[index] === cell));
}

/** What an error must be: over HTTP message and detail stand in one text behind the class. */
interface WantedError {
  readonly code: string;
  /** Whole primary message, or a part of it. */
  readonly message: string | RegExp;
  /** Exactly this, or whatever it is. */
  readonly detail: string | undefined | RegExp;
  readonly httpText: string | RegExp;
}

function wrongError(
  outcome: Failure,
  line: string,
  protocol: Protocol,
): readonly string[] {
  const wanted = errorOf(line, outcome);
  const right =
    outcome.code === wanted.code &&
    (protocol === "http"
      ? says(outcome.message, wanted.httpText)
      : says(outcome.message, wanted.message) &&
        sameDetail(outcome.detail, wanted.detail));
  return right ? [] : [`it is not "${line}" but ${JSON.stringify(outcome)}`];
}

const ANY = /^/;

function sameDetail(
  detail: string | undefined,
  wanted: WantedError["detail"],
): boolean {
  return wanted instanceof RegExp || detail === wanted;
}

function says(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === "string" ? text === wanted : wanted.test(text);
}

const NOT_FOUND: Readonly<Record<string, readonly [string, string]>> = {
  relation: ["42P01", "TABLE_OR_VIEW_NOT_FOUND"],
  schema: ["3F000", "SCHEMA_NOT_FOUND"],
  database: ["3D000", "CATALOG_NOT_FOUND"],
  function: ["42883", "UNRESOLVED_ROUTINE"],
  table: ["42P01", "TABLE_OR_VIEW_NOT_FOUND"],
  view: ["42P01", "TABLE_OR_VIEW_NOT_FOUND"],
};

function errorOf(line: string, outcome: Failure): WantedError {
  const [, kind = "", rest = ""] = /^(NF|PD|error) ?(.*)$/s.exec(line) ?? [];
  switch (kind) {
    case "NF":
      return notFound(rest);
    case "PD":
      return denied(rest);
    default: {
      const [code = outcome.code, ...words] =
        rest === "" ? [] : rest.split(" ");
      const message = containing(words.join(" "));
      return { code, message, detail: ANY, httpText: message };
    }
  }
}

function notFound(text: string): WantedError {
  const [, kind = "", name = ""] = /^(\w+) (.+)$/.exec(text) ?? [];
  const [code, type] = NOT_FOUND[kind] ?? ["", ""];
  if (kind === "path") {
    const message = `path "${name}" does not exist`;
    const detail =
      "It lies in no lake and no file root that may be used so, or holds no data.";
    const httpText = `[TABLE_OR_VIEW_NOT_FOUND] ${message} ${detail}`;
    return { code: "42P01", message, detail, httpText };
  }
  const shown = kind === "function" ? name : `"${name}"`;
  const message = `${kind} ${shown} does not exist`;
  const httpText =
    kind === "function"
      ? containing(`[${type}] ${message}`)
      : `[${type}] ${message}`;
  return { code, message, detail: undefined, httpText };
}

const INSUFFICIENT = "[INSUFFICIENT_PERMISSIONS] Insufficient privileges: ";

function denied(text: string): WantedError {
  const code = "42501";
  const [, privilege, what] = /^([A-Z_]+) (on .+|below .+)$/.exec(text) ?? [];
  if (privilege !== undefined && what !== undefined) {
    const [relation = "", ...name] = what.split(" ");
    const object = name.join(" ");
    const detail =
      relation === "on"
        ? `User does not have permission ${privilege} on ${object}.`
        : `User does not have permission ${privilege} on an object that ${object} refers to.`;
    return {
      code,
      message: `permission denied for ${object}`,
      detail,
      httpText: `${INSUFFICIENT}${detail}`,
    };
  }
  const [, owned] = /^owner of (.+)$/.exec(text) ?? [];
  if (owned !== undefined) {
    const detail = `User does not own ${owned}.`;
    return {
      code,
      message: `must be owner of ${owned}`,
      detail,
      httpText: `${INSUFFICIENT}${detail}`,
    };
  }
  return {
    code,
    message: containing(text),
    detail: ANY,
    httpText: /^\[INSUFFICIENT_PERMISSIONS\] /,
  };
}

function containing(text: string): RegExp {
  return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "s");
}
