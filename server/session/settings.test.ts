import { describe, expect, test } from "vitest";
import { Settings } from "./settings.ts";

function settings(): Settings {
  return new Settings({ session_authorization: "alice", is_superuser: "off" });
}

describe("values", () => {
  // Each row was tried on PostgreSQL 15.
  test.each([
    ["statement_timeout", "1.5s", "1500ms"],
    ["statement_timeout", "60000", "1min"],
    ["statement_timeout", "3600000", "1h"],
    ["statement_timeout", "90s", "90s"],
    ["statement_timeout", "86400001", "86400001ms"],
    ["statement_timeout", "1us", "0"],
    ["idle_in_transaction_session_timeout", "1d", "1d"],
    ["work_mem", "64MB", "64MB"],
    ["work_mem", "1TB", "1TB"],
    ["seq_page_cost", "2.50", "2.5"],
    ["enable_seqscan", "of", "off"],
    ["enable_seqscan", "t", "on"],
    ["bytea_output", "ESCAPE", "escape"],
    ["datestyle", "german", "German, DMY"],
    ["datestyle", "dmy", "ISO, DMY"],
    ["datestyle", "sql, ymd", "SQL, YMD"],
    ["datestyle", "postgres", "Postgres, MDY"],
    ["datestyle", "european", "ISO, DMY"],
    ["timezone", "europe/berlin", "Europe/Berlin"],
    ["timezone", "2", "<+02>-02"],
    ["timezone", "-3.5", "<-03:30>+03:30"],
    ["timezone", "+02:00", "+02:00"],
    ["timezone", "utc", "UTC"],
    ["timezone", "etc/utc", "Etc/UTC"],
    ["timezone", "UTC+3", "UTC+3"],
    ["timezone", "est5edt", "EST5EDT"],
    ["timezone", "<+02>-02", "<+02>-02"],
    ["client_encoding", "utf-8", "UTF8"],
    ["client_encoding", "SQL_ASCII", "SQL_ASCII"],
    ["application_name", "é\u0001", "???"],
    ["default_transaction_isolation", "REPEATABLE READ", "repeatable read"],
    ["a.b", "1", "1"],
  ])("SET %s to %s shows as %s", (name, text, shown) => {
    expect(settings().set(name, text, "session")).toBe(shown);
  });

  test.each([
    [
      "statement_timeout",
      "-1",
      "22023",
      '-1 ms is outside the valid range for parameter "statement_timeout" (0 .. 2147483647)',
    ],
    [
      "statement_timeout",
      "5x",
      "22023",
      'invalid value for parameter "statement_timeout": "5x"',
    ],
    [
      "work_mem",
      "5000000000",
      "22023",
      'invalid value for parameter "work_mem": "5000000000"',
    ],
    ["jit", "maybe", "22023", 'parameter "jit" requires a Boolean value'],
    [
      "enable_seqscan",
      "o",
      "22023",
      'parameter "enable_seqscan" requires a Boolean value',
    ],
    [
      "bytea_output",
      "foo",
      "22023",
      'invalid value for parameter "bytea_output": "foo"',
    ],
    [
      "extra_float_digits",
      "4",
      "22023",
      '4 is outside the valid range for parameter "extra_float_digits" (-15 .. 3)',
    ],
    [
      "seq_page_cost",
      "-1",
      "22023",
      '-1 is outside the valid range for parameter "seq_page_cost" (0 .. 1.79769e+308)',
    ],
    [
      "datestyle",
      "foo",
      "22023",
      'invalid value for parameter "DateStyle": "foo"',
    ],
    [
      "datestyle",
      "iso, sql",
      "22023",
      'invalid value for parameter "DateStyle": "iso, sql"',
    ],
    [
      "timezone",
      "foo/bar",
      "22023",
      'invalid value for parameter "TimeZone": "foo/bar"',
    ],
    [
      "client_encoding",
      "foo",
      "22023",
      'invalid value for parameter "client_encoding": "foo"',
    ],
    [
      "client_encoding",
      "LATIN1",
      "0A000",
      "conversion between LATIN1 and UTF8 is not supported",
    ],
    [
      "server_version",
      "1",
      "55P02",
      'parameter "server_version" cannot be changed',
    ],
    [
      "is_superuser",
      "on",
      "55P02",
      'parameter "is_superuser" cannot be changed',
    ],
    ["role", "root", "0A000", "SET ROLE is not supported"],
    [
      "session_authorization",
      "root",
      "0A000",
      "SET SESSION AUTHORIZATION is not supported",
    ],
    [
      "standard_conforming_strings",
      "off",
      "0A000",
      "standard_conforming_strings = off is not supported",
    ],
    ["nosuch", "1", "42704", 'unrecognized configuration parameter "nosuch"'],
  ])("SET %s to %s is %s", (name, text, code, message) => {
    expect(() => settings().set(name, text, "session")).toThrow(
      expect.objectContaining({ code, message }),
    );
  });

  test("several values are taken by lists only", () => {
    const own = settings();
    own.setItems("search_path", ["a", "B c", '"x"'], "session");
    expect(own.show("search_path")).toBe('a, "B c", """x"""');
    expect(own.searchPath()).toEqual(["a", "B c", '"x"']);
    expect(() => own.setItems("jit", ["on", "off"], "session")).toThrow(
      "SET jit takes only one argument",
    );
  });

  test("the search path starts as public, and $user is the session's user", () => {
    const own = settings();
    expect(own.searchPath()).toEqual(["public"]);
    own.set("search_path", '"$user", Public', "session");
    expect(own.searchPath()).toEqual(["alice", "public"]);
    own.setItems("search_path", [""], "session");
    expect(own.show("search_path")).toBe('""');
    expect(own.searchPath()).toEqual([]);
  });

  test("no-ops of roles are accepted", () => {
    const own = settings();
    own.set("role", "none", "session");
    own.setItems("session_authorization", undefined, "session");
    own.reset("role");
    expect([own.show("role"), own.show("session_authorization")]).toEqual([
      "none",
      "alice",
    ]);
  });

  test("SHOW ALL lists every setting with its value and description", () => {
    const rows = settings().showAll();
    expect(rows).toContainEqual([
      "bytea_output",
      "hex",
      "Sets the output format for bytea",
    ]);
    expect(rows.length).toBeGreaterThan(80);
  });
});

describe("scopes", () => {
  test("RESET returns to the value at start-up", () => {
    const own = settings();
    own.startWith("datestyle", "dmy");
    own.set("datestyle", "german", "session");
    own.reset("DateStyle");
    expect(own.show("datestyle")).toBe("ISO, DMY");
  });

  test("SET LOCAL hides the session's value until it is dropped", () => {
    const own = settings();
    own.set("work_mem", "8MB", "session");
    own.set("work_mem", "16MB", "local");
    expect(own.show("work_mem")).toBe("16MB");
    own.dropLocal();
    expect(own.show("work_mem")).toBe("8MB");
  });

  test("a mark brings back what was set since", () => {
    const own = settings();
    own.set("jit", "on", "session");
    const mark = own.mark();
    own.set("jit", "off", "session");
    own.set("a.b", "1", "local");
    own.restore(mark);
    expect(own.show("jit")).toBe("on");
    expect(() => own.show("a.b")).toThrow(
      "unrecognized configuration parameter",
    );
  });

  test("what is reported is told once, and again when it changes", () => {
    const own = settings();
    expect(own.takeChanges()).toHaveLength(13);
    expect(own.takeChanges()).toEqual([]);
    own.set("timezone", "Europe/Berlin", "session");
    own.set("work_mem", "8MB", "session");
    expect(own.takeChanges()).toEqual([["TimeZone", "Europe/Berlin"]]);
    own.resetAll();
    expect(own.takeChanges()).toEqual([["TimeZone", "UTC"]]);
  });

  test.each([
    ["<+02>-02", "Etc/GMT-2"],
    ["UTC+3", "Etc/GMT+3"],
    ["<+05:30>-05:30", "-05:30"],
    ["<-03:30>+03:30", "+03:30"],
    ["Europe/Berlin", "Europe/Berlin"],
    ["Etc/UTC", "Etc/UTC"],
  ])("the zone %s goes to the nodes as %s", (shown, sent) => {
    const own = settings();
    own.set("timezone", shown, "session");
    expect(own.output().timeZone).toBe(sent);
  });
});
