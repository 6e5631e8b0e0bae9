import { describe, expect, test } from "vitest";
import type { Login } from "../pgwire/authentication.ts";
import { methodByRules } from "../pgwire/access-rules.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { accessRules } from "./access-rule-config.ts";

const RULES = accessRules([
  "hostssl all mallory all reject",
  "host    main,sales  alice,Carol  10.0.0.0/8  scram",
  "hostssl all all 2001:db8::/32 scram",
  "hostssl all all 0.0.0.0/0 password",
  "hostnossl main ETL 192.168.7.9 scram",
]);

/** The method, or the SQLSTATE with the first words of the refusal. */
function outcome(login: Partial<Login>): string {
  try {
    return methodByRules(RULES ?? [], {
      user: "bob",
      database: "main",
      clientAddress: "198.51.100.7",
      encrypted: true,
      channelBinding: undefined,
      certificate: undefined,
      ...login,
    });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe("the first rule that matches decides", () => {
  const CASES: readonly (readonly [string, Partial<Login>, string])[] = [
    ["anybody inside TLS", {}, "password"],
    ["by address", { clientAddress: "2001:db8::7" }, "scram"],
    ["by user", { user: "alice", clientAddress: "10.1.2.3" }, "scram"],
    [
      "by user without case",
      { user: "CAROL", clientAddress: "::ffff:10.1.2.3", encrypted: false },
      "scram",
    ],
    [
      "by catalog of a schema",
      { user: "alice", database: "sales.x", clientAddress: "10.1.2.3" },
      "scram",
    ],
    [
      "another database",
      { user: "alice", database: "hr", clientAddress: "10.1.2.3" },
      "password",
    ],
    [
      "rejected",
      { user: "Mallory" },
      '28000 an access rule rejects connection for host "198.51.100.7", user "Mallory", database "main", SSL encryption',
    ],
    [
      "no rule",
      { encrypted: false },
      '28000 no access rule for host "198.51.100.7", user "bob", database "main", no encryption',
    ],
    [
      "in clear",
      { user: "etl", encrypted: false, clientAddress: "192.168.7.9" },
      "scram",
    ],
    [
      "in clear only",
      { user: "etl", encrypted: true, clientAddress: "192.168.7.9" },
      "password",
    ],
  ];
  test.each(CASES)("%s", (_name, login, expected) => {
    expect(outcome(login)).toBe(expected);
  });
});

test("without the section the listener's own rule holds", () => {
  expect(accessRules(undefined)).toBeUndefined();
});

const WRONG: readonly (readonly [unknown, string])[] = [
  ["hostssl all all all password", "a list of lines expected"],
  [[], "a list of lines expected"],
  [[{}], "a list of lines expected"],
  [["hostssl all all password"], "type, database, user, address and method"],
  [["local all all all scram"], "the type is one of host, hostssl, hostnossl"],
  [
    ["host all all all md5"],
    "the method is one of password, scram, cert, reject",
  ],
  [["host all all all trust"], "the method is one of"],
  [["host all all all password"], "inside TLS only: hostssl"],
  [["hostnossl all all all password"], "inside TLS only: hostssl"],
  [["host all all all cert"], "a certificate is shown inside TLS only"],
  [["host all all 10.0.0.0/33 scram"], '"10.0.0.0/33" is neither all'],
  [["host all all example.com scram"], '"example.com" is neither all'],
];
test.each(WRONG)("%j is refused", (section, message) => {
  expect(() => accessRules(section)).toThrow(
    expect.objectContaining({
      code: "F0000",
      message: expect.stringContaining(message) as string,
    }),
  );
});
