// Scenarios of access-control section 21 as text (*.scenes), a block each:
//
//   A4 title
//     only postgres: why the other protocol has no such thing
//     U(sales>bob) +SELECT(sales.orders>bob)     grants of root, in the short forms of section 21; ~X(o>p) revokes
//     alice: CREATE TABLE sales.fresh (a int)    somebody's statement; a user's statements share a session
//     bob/p: SELECT 1                            the same as the prepared statement p
//     do link ext/link to {sales.orders}         what no statement does (acts.ts); {t} is the folder of a table
//       expectations, one a line (expect.ts); none means that it succeeds
//
// A line that begins with `\` goes on with the statement above it.

export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly line: number;
  readonly only: Protocol | undefined;
  readonly steps: readonly Step[];
}

export type Protocol = "postgres" | "http";

export type Step = Grants | Statement | Act;

interface Grants {
  readonly kind: "grants";
  readonly line: number;
  readonly statements: readonly string[];
}
interface Statement {
  readonly kind: "statement";
  readonly line: number;
  readonly who: string;
  /** Name of the prepared statement it is sent as. */
  readonly prepared: string | undefined;
  readonly sql: string;
  readonly expected: readonly string[];
}
interface Act {
  readonly kind: "act";
  readonly line: number;
  readonly said: string;
  readonly expected: readonly string[];
}

const HEAD = /^([A-Z]\d+) (.+)$/;
const ONLY = /^only (postgres|http): .+$/;
const STATEMENT = /^([a-z][a-z0-9]*)(?:\/([a-z]+))?: ?(.*)$/s;
const SHORT =
  /([+~-])([A-Z_, ]+)\(([^>()]+(?:\([^)]*\))?)>([^()]+)\)|U\(([^>()]+)>([^()]+)\)/g;

/** Throws for a line that is nothing of the above, and for a file without scenarios. */
export function parseScenes(text: string, file: string): readonly Scene[] {
  const scenes: Scene[] = [];
  let lines: Line[] = [];
  const end = (): void => {
    if (lines.length > 0) scenes.push(parseScene(lines, file));
    lines = [];
  };
  text.split("\n").forEach((content, index) => {
    if (content.trim() === "" || content.startsWith("#")) return;
    if (!content.startsWith(" ")) end();
    lines.push({ content, line: index + 1 });
  });
  end();
  if (scenes.length === 0) throw new Error(`${file} holds no scenario`);
  return scenes;
}

interface Line {
  readonly content: string;
  readonly line: number;
}

function parseScene(lines: readonly Line[], file: string): Scene {
  const [first, ...rest] = lines;
  const head = HEAD.exec(first?.content ?? "");
  if (!head || !first) throw wrong(file, first);
  let only: Protocol | undefined;
  const steps: Step[] = [];
  for (const [index, { content, line }] of rest.entries()) {
    if (content.startsWith("    ")) continue;
    const said = content.trim();
    const restriction = ONLY.exec(said)?.[1];
    if (restriction === "postgres" || restriction === "http") {
      only = restriction;
      continue;
    }
    const below = followers(rest.slice(index + 1));
    const step = parseStep(said, line, below);
    if (step === undefined) throw wrong(file, { content, line });
    steps.push(step);
  }
  if (steps.length === 0) throw wrong(file, first);
  return {
    id: head[1] ?? "",
    title: head[2] ?? "",
    file,
    line: first.line,
    only,
    steps,
  };
}

/** The more deeply indented lines that follow. */
function followers(lines: readonly Line[]): readonly string[] {
  const end = lines.findIndex(({ content }) => !content.startsWith("    "));
  return (end < 0 ? lines : lines.slice(0, end)).map(({ content }) =>
    content.trim(),
  );
}

function parseStep(
  said: string,
  line: number,
  below: readonly string[],
): Step | undefined {
  if (/^(?:[+~-]|U\()/.test(said)) {
    const statements = [...said.matchAll(SHORT)].map(grantOf);
    return { kind: "grants", line, statements };
  }
  const expected = below.filter((text) => !text.startsWith("\\"));
  if (said.startsWith("do ")) {
    return { kind: "act", line, said: said.slice("do ".length), expected };
  }
  const more = below.filter((text) => text.startsWith("\\"));
  const whole = [said, ...more.map((text) => text.slice(1))].join("\n");
  const [, who, prepared, sql] = STATEMENT.exec(whole) ?? [];
  if (who === undefined || sql === undefined) return undefined;
  return { kind: "statement", line, who, prepared, sql, expected };
}

function grantOf(match: RegExpMatchArray): string {
  const [, sign, privileges, on, to, schema, user] = match;
  if (schema !== undefined) {
    return `GRANT USAGE ON SCHEMA ${schema} TO ${nameOf(user)}`;
  }
  const verb = { "+": "GRANT", "-": "DENY", "~": "REVOKE" }[sign ?? ""];
  const direction = sign === "~" ? "FROM" : "TO";
  return `${verb ?? ""} ${privileges ?? ""} ON ${securable(on ?? "")} ${direction} ${nameOf(to)}`;
}

function nameOf(principal: string | undefined): string {
  return `\`${principal ?? ""}\``;
}

/** Kinds may be written out; else a name without a dot is a schema, one with a dot a table or view. */
function securable(name: string): string {
  if (name.includes(" ")) return name;
  return name.includes(".") ? `TABLE ${name}` : `SCHEMA ${name}`;
}

function wrong(file: string, line: Line | undefined): Error {
  return new Error(
    `${file}:${line?.line ?? 0}: this is no part of a scenario: ${line?.content ?? ""}`,
  );
}
