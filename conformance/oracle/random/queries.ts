// Random queries on both servers; a difference is made small before it is told.

import { diceOf } from "./dice.ts";
import { RELATIONS } from "./query/tables.ts";
import { randomQuery } from "./query/query.ts";
import { Report } from "./report.ts";
import { compareSides, type Sides, type Verdict } from "./sides.ts";
import { print, shrink, type Tree } from "./tree.ts";

/** More than so many differences are one defect seen often. */
const ENOUGH = 8;

/** The statements of the seeds from `seed` on. The tables of query/tables.ts are there. */
export async function compareQueries(
  sides: Sides,
  seed: number,
  count: number,
): Promise<Report> {
  const report = new Report();
  for (let at = seed; at < seed + count; at += 1) {
    const dice = diceOf(at);
    const statement = randomQuery(dice, RELATIONS, 2 + dice.below(4));
    const verdict = await verdictOn(sides, statement);
    if (verdict.kind === "same") report.agree(verdict.failed);
    if (verdict.kind === "refused") report.refuse(verdict.message);
    if (verdict.kind === "different")
      report.differ(`seed ${at}\n${await smallest(sides, statement, verdict)}`);
    if (report.differences.length >= ENOUGH) break;
  }
  return report;
}

async function verdictOn(sides: Sides, statement: Tree): Promise<Verdict> {
  return compareSides(sides, { sql: print(statement) });
}

async function smallest(
  sides: Sides,
  statement: Tree,
  verdict: Verdict & { kind: "different" },
): Promise<string> {
  const small = await shrink(statement, async (candidate) => {
    const found = await verdictOn(sides, candidate);
    return found.kind === "different" && found.way === verdict.way;
  });
  const last = await verdictOn(sides, small);
  const { ours, theirs } = last.kind === "different" ? last : verdict;
  return `${print(small)}\nSluice:\n${ours}\nPostgreSQL:\n${theirs}\n`;
}
