// A token that may be used from certain addresses alone, made by SQL and by HTTP, on both listeners.

import { expect, test } from "vitest";
import { startTestGateway } from "../harness.ts";

test("a token is refused from an address that is not its own", async () => {
  await using gateway = await startTestGateway();
  const admin = await gateway.connect();
  await admin.query("CREATE USER ann");
  const made = async (addresses: string): Promise<string> => {
    const { rows } = await admin.query<{ token_value: string }>(
      `CREATE TOKEN FOR USER ann ADDRESSES ${addresses}`,
    );
    return rows[0]?.token_value ?? "";
  };
  const overPostgres = async (password: string): Promise<unknown> => {
    try {
      const client = await gateway.connect({ user: "ann", password });
      return (await client.query("SELECT 1 AS one")).rows;
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    }
  };
  const overHttp = async (token: string): Promise<number> =>
    (
      await fetch(`${gateway.httpUrl}/api/2.0/token/list`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  const here = await made("'10.0.0.0/8', '127.0.0.0/8'");
  expect(await overPostgres(here)).toEqual([{ one: 1 }]);
  expect(await overHttp(here)).toBe(200);
  const elsewhere = await made("'10.0.0.0/8'");
  expect(await overPostgres(elsewhere)).toBe("28000");
  expect(await overHttp(elsewhere)).toBe(403);
  const posted = await fetch(`${gateway.httpUrl}/api/2.0/token/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${here}` },
    body: JSON.stringify({ allowed_cidrs: ["127.0.0.1"] }),
  });
  const { token_value: child } = (await posted.json()) as {
    readonly token_value: string;
  };
  expect(await overHttp(child)).toBe(200);
  const wider = await fetch(`${gateway.httpUrl}/api/2.0/token/create`, {
    method: "POST",
    headers: { authorization: `Bearer ${here}` },
    body: JSON.stringify({ allowed_cidrs: ["0.0.0.0/0"] }),
  });
  expect(wider.status).toBe(403);
  const { rows } = await admin.query<{ count: string }>(
    "SELECT count(*) FROM system.audit WHERE action_name = 'deniedIpLogin' AND user_identity->>'email' = 'ann'",
  );
  expect(rows).toEqual([{ count: "2" }]);
});
