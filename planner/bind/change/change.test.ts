// UPDATE, DELETE and MERGE to plans of changes: what each row holds, how target and source are joined, what is asked of whom.

import { describe, expect, test } from "vitest";
import { typeNameWithModifier } from "../../../storage/common/data-type.ts";
import { freeColumns } from "../../logical/columns.ts";
import { printPlan } from "../../logical/print.ts";
import { nodesOf, outputOf } from "../../logical/walk.ts";
import { bindSql, testCatalog } from "../bind.testkit.ts";
import type { BoundChange } from "../bound.ts";

function changeOf(sql: string): BoundChange {
  const bound = bindSql(sql);
  if (bound.kind !== "change") throw new Error(`${sql} changes nothing`);
  return bound;
}

/** The plan with scans shown by their table only. */
function planOf(sql: string): readonly string[] {
  return printPlan(changeOf(sql).source)
    .replace(/(scan [\w.]+)@0 \[[^\]]*\]/gu, "$1")
    .split("\n");
}

function firstLine(sql: string): string {
  return planOf(sql)[0] ?? "";
}

/** What the lines under the projections are: the join and its filter. */
function joinOf(sql: string): readonly string[] {
  return planOf(sql)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith("project"));
}

const ALL_FORMS = [
  "update u set a = a + 1, x = default where y > 3",
  "update u as v set a = t.a from t where t.a = v.y returning v.*, t.b, t.a + 1 as n",
  "update u set (a, x) = (select t.a, b from t where t.i8 = u.y), y = (select max(i8) from t)",
  "with q as (select a from t) update u set a = q.a from q where q.a = y returning (select count(*) from q)",
  "update s set st.x = 1, st.inner.y = 'z'",
  "delete from u",
  "delete from u using t, s where t.a = u.a and id = y returning *",
  "with q as (select a from t) delete from u where a in (select a from q)",
  "merge into u using t on t.a = u.a when matched then update set x = t.b",
  "with q as (select a, b as x, i8 as y from t) merge into u using q on q.a = u.a when matched and q.x = 'd' then delete when matched then update set * when not matched then insert *",
  "merge into u using t on t.a = u.a when not matched then insert (a) values (t.a)",
  "merge into u using t on t.a = u.a when matched and random() < 0.5 then do nothing when matched then update set (x, y) = (select b, i8 from t t2 where t2.a = u.a) when not matched by source then delete",
  "merge into u using t on t.a = u.a when matched then delete when not matched then insert default values when not matched by source and y = 3 then update set x = 'gone'",
  "merge into u using t on t.a = u.a when matched and y = 3 then delete when matched then update set x = t.b when not matched then insert (a) values (t.a) returning merge_action(), *, u.tableoid",
  "merge into u using (t join s on id = t.a) on t.a = u.a when not matched by source then delete returning u.x, t.b, (select merge_action())",
];

test.each(ALL_FORMS)("%s gives its columns by a closed plan", (sql) => {
  const { source, columns, returning } = changeOf(sql);
  expect([...freeColumns(source)]).toEqual([]);
  const { action, filePath, rowIndex, after, before } = columns;
  const given = [action, filePath, rowIndex, ...after, ...before];
  expect(outputOf(source).map(({ id }) => id)).toEqual([
    ...given.map(({ id }) => id),
    ...(returning ?? []).map(({ id }) => id),
  ]);
  expect(new Set(outputOf(source).map(({ id }) => id)).size).toBe(
    outputOf(source).length,
  );
});

test.each(ALL_FORMS)("%s has the table's types in the new rows", (sql) => {
  const { columns } = changeOf(sql);
  const types = ({ type }: (typeof columns.after)[number]): string =>
    typeNameWithModifier(type);
  expect(columns.after.map(types)).toEqual(columns.before.map(types));
});

test.each(ALL_FORMS)("%s names the scan of its target", (sql) => {
  const { source, table, targetScanId } = changeOf(sql);
  const scans = [...nodesOf(source)].filter((node) => node.kind === "scan");
  const target = scans.find((scan) => scan.table.scanId === targetScanId);
  expect(target?.table.id).toBe(table.id);
});

test.each(ALL_FORMS)("%s takes no right to hidden columns", (sql) => {
  expect(changeOf(sql).requirements).toEqual([]);
});

describe("UPDATE", () => {
  test("keeps what it does not assign, and reads old values in SET", () => {
    expect(planOf("update u set a = a + 1 where y > 3")).toEqual([
      "project [action#12 := '1'::smallint, file_path#4, row_index#7, a#9, x#10, y#11, a#1, x#2, y#3]",
      "  project [a#1, x#2, y#3, file_path#4, row_index#7, a#9 := (a#1 + 1), x#10 := x#2, y#11 := y#3]",
      "    filter (y#3 > 3)",
      "      scan public.u",
    ]);
  });

  test("RETURNING shows new values, and the rows they were found with", () => {
    const { returning } = changeOf(
      "update u set a = 5 from t where t.a = u.a returning *, u.a + t.a as n",
    );
    expect(returning?.map(({ name }) => name)).toEqual(
      "a x y a b c d e f g arr i8 ts n".split(" "),
    );
    expect(returning?.[0]?.origin?.columnNumber).toBe(1);
    expect(
      firstLine("update u set a = 5 returning a").split(", ").at(-1),
    ).toMatch(/^a#\d+\]$/u);
    expect(planOf("update u set a = 5 returning a + 1 as n")[1]).toContain(
      "n#12 := (a#9 + 1)",
    );
  });

  test("values are brought to the column's type", () => {
    expect(
      planOf("update t set c = 1, d = '2024-01-01', b = 5::int")[1],
    ).toMatch(
      /b#\d+ := a?.*5.*::text.*c#\d+ := .*1.*numeric.*d#\d+ := '2024-01-01'::date/u,
    );
  });

  test("a subquery for several columns is asked once a row", () => {
    expect(
      planOf(
        "update u set (a, x) = (select t.a, b from t where t.i8 = u.y)",
      ).slice(2),
    ).toEqual([
      "    lateral single join on true",
      "      scan public.u",
      "      project [a#9, b#10]",
      "        filter (i8#17 = y#3)",
      "          scan public.t",
    ]);
  });

  test("a field takes its place in the old struct", () => {
    expect(planOf("update s set st.inner.y = 'z'")[1]).toContain(
      "st#10 := struct of fields(st#2.x, struct of fields('z'))",
    );
  });

  test.each([
    "update u set u.a = 1",
    "update u v set v.a = 1",
    "update \"Mixed\" set ID = 1, username = 'x'",
    "update `Mixed` set `Id` = 1",
    "update main.public.u set a = 1",
    "update default.u set a = 1",
    "merge into u v using t on t.a = v.a when matched then update set v.x = t.b when not matched then insert (v.a, x) values (t.a, t.b)",
  ])("%s finds its columns", (sql) => {
    expect(changeOf(sql).kind).toBe("change");
  });
});

test("parameters take the types of the columns they are assigned to", () => {
  const types = ({ parameterTypes }: BoundChange): readonly string[] =>
    parameterTypes.map(typeNameWithModifier);
  expect(
    types(
      changeOf("update t set b = $1, c = $2, (d, g) = ($3, $4) where a = $5"),
    ),
  ).toEqual(["text", "numeric", "date", "boolean", "integer"]);
  expect(
    types(
      changeOf(
        "merge into t using u on t.a = u.a when matched then update set i8 = $2 when not matched then insert (a, e) values ($1, $3)",
      ),
    ),
  ).toEqual(["integer", "bigint", "timestamp with time zone"]);
});

describe("DELETE", () => {
  test("has no new row", () => {
    expect(firstLine("delete from u")).toBe(
      "project [action#9 := '2'::smallint, file_path#4, row_index#7, a#10 := null::integer, x#11 := null::text, y#12 := null::bigint, a#1, x#2, y#3]",
    );
  });

  test("RETURNING shows the old row", () => {
    expect(planOf("delete from u returning y, x || '!' as loud")[1]).toContain(
      "y#9 := y#3, loud#10 := (x#2 || '!')",
    );
  });
});

describe("the join of MERGE", () => {
  const merge = "merge into u using t on t.a = u.a";
  const update = "when matched then update set x = t.b";
  const remove = "when not matched by source then delete";
  const insert = "when not matched then insert (a) values (t.a)";
  const source = "scan public.t";
  const target = "scan public.u";
  const on = "on (a#9 = a#1)";

  test.each([
    ["matched rows alone", update, [`inner join ${on}`, target, source]],
    ["new rows alone", insert, [`anti join ${on}`, source, target]],
    ["missing rows alone", remove, [`anti join ${on}`, target, source]],
    [
      "matched and new rows",
      `${update} ${insert}`,
      [`left join ${on}`, source, target],
    ],
    [
      "matched and missing rows",
      `${update} ${remove}`,
      [`left join ${on}`, target, source],
    ],
    [
      "new and missing rows",
      `${insert} ${remove}`,
      ["filter (clause#25 is not null)", `full join ${on}`, target, source],
    ],
    [
      "all three",
      `${update} ${insert} ${remove}`,
      [`full join ${on}`, target, source],
    ],
    [
      "rows to leave alone, and new ones",
      `when matched then do nothing ${insert}`,
      [`anti join ${on}`, source, target],
    ],
  ])("%s", (_name, clauses, expected) => {
    expect(joinOf(`${merge} ${clauses}`)).toEqual(expected);
  });

  test("the conditions of the only kind of clause filter the rows", () => {
    expect(
      joinOf(
        `${merge} when matched and u.y = 1 then delete when matched and t.b = 'x' then update set x = t.b`,
      )[0],
    ).toBe("filter ((y#3 = 1) or (b#10 = 'x'))");
  });

  test.each([
    "when matched and random() < 0.5 then delete",
    "when matched and u.y = 1 then do nothing when matched then delete",
    "when matched and u.y = (select max(i8) from t) then delete",
  ])("%s is asked once, row by row", (clauses) => {
    const lines = joinOf(`${merge} ${clauses}`);
    expect(lines[0]).toMatch(/^filter \(clause#\d+ is not null\)$/u);
    expect(lines[1]).toMatch(/^(inner join|subquery)/u);
  });

  test("matched rows of a full join that no clause is for are no changes", () => {
    expect(joinOf(`${merge} ${insert} ${remove}`)[0]).toBe(
      "filter (clause#25 is not null)",
    );
  });

  test("without a clause that changes anything there are no rows", () => {
    expect(joinOf(`${merge} when not matched then do nothing`)[0]).toBe(
      "filter false",
    );
  });

  test("the first clause that applies decides", () => {
    expect(
      planOf(
        `${merge} when matched and t.b = 'd' then delete ${update} ${insert}`,
      )[2],
    ).toContain(
      "clause#24 := case when ((row_index#7 is not null) and (b#10 = 'd')) then 0 when (row_index#7 is not null) then 1 when (row_index#7 is null) then 2 end",
    );
  });

  test("a second change of one row is refused, unlike UPDATE's", () => {
    expect(changeOf(`${merge} ${update}`).duplicates).toBe("refuse");
    expect(changeOf("update u set a = 1").duplicates).toBe("first");
  });
});

describe("the stars of MERGE", () => {
  test("match by name, exactly or but for case, in the target's order", () => {
    expect(
      planOf(
        'merge into "Mixed" using (select \'x\' as username, 1 as "Id", 2 as other) q on q."Id" = "Mixed"."Id" when matched then update set *',
      )[1],
    ).toMatch(/Id#\d+ := Id#9, UserName#\d+ := username#8\]$/u);
  });

  test.each([
    ["update set *", "UPDATE"],
    ["insert *", "INSERT"],
  ])("%s needs every column of the target", (action, clause) => {
    const kind = clause === "UPDATE" ? "matched" : "not matched";
    expect(() =>
      changeOf(
        `merge into u using (select 1 as a, 'x' as x) q on q.a = u.a when ${kind} then ${action}`,
      ),
    ).toThrow(
      expect.objectContaining({
        code: "42703",
        message: `cannot resolve y in ${clause} clause given columns q.a, q.x`,
      }),
    );
  });
});

test.each([
  "update v set a = 1",
  "delete from v",
  "merge into v using t on true when matched then delete",
])("%s: views are not written to", (sql) => {
  expect(() =>
    bindSql(sql, {
      catalog: testCatalog().view("public", "v", "select * from public.u"),
    }),
  ).toThrow(expect.objectContaining({ code: "0A000" }));
});
