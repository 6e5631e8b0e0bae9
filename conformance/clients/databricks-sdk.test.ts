// Databricks' own SDKs against a plain http host: statements, results by links, users and groups, tokens, grants, address lists, as their users write it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { run } from "./program.ts";

const CACHE = join(import.meta.dirname, "../../.cache");
const PYTHON = join(CACHE, "databricks/bin/python");
const JAVASCRIPT = join(CACHE, "databricks-js");

let gateway: TestGateway;

beforeAll(async () => {
  for (const place of [PYTHON, join(JAVASCRIPT, "node_modules")]) {
    if (!existsSync(place))
      throw new Error(`${place} is needed: run conformance/clients/install.sh`);
  }
  gateway = await startTestGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function lines(
  command: string,
  probe: string,
): Promise<readonly string[]> {
  const { stdout, stderr, code } = await run(
    command,
    [join(import.meta.dirname, probe)],
    {
      env: {
        DATABRICKS_HOST: gateway.httpUrl,
        DATABRICKS_TOKEN: gateway.adminToken,
        SDK: JAVASCRIPT,
      },
    },
  );
  expect(code, stderr).toBe(0);
  return stdout.trimEnd().split("\n");
}

test("the Python SDK", { timeout: 180_000 }, async () => {
  expect(await lines(PYTHON, "databricks-probe.py")).toEqual([
    "me=admin True",
    "warehouse=RUNNING",
    "select=[['1', None, '', '1.50']]",
    `parameters=[['42', "'; drop table t --", None]]`,
    "types=[('a', 'LONG'), ('b', 'DATE')]",
    "failed=FAILED BAD_REQUEST",
    "started=PENDING",
    "chunks=300000 ['1'] ['300000'] 300000",
    "by links=True 300001 g,t 1,x 300000,x",
    "json by links=[[['1', None]]]",
    "arrow by links=[b'\\xff\\xff\\xff\\xff']",
    "canceled=CANCELED",
    "unknown statement=ResourceDoesNotExist RESOURCE_DOES_NOT_EXIST",
    "short wait=InvalidParameterValue INVALID_PARAMETER_VALUE",
    "user=ann@example.org True True",
    "second user=ResourceConflict SCIM_409",
    "found=['ann@example.org']",
    "group=[('ann@example.org', True)]",
    "left=[]",
    "joined=['ann@example.org']",
    "groups=['admins', 'readers', 'users']",
    "service principal=app-7 robot True",
    "service principals=['app-7']",
    "token=['sdk']",
    "robot=app-7",
    "robot lists users=PermissionDenied SCIM_403",
    "managed=['first start', 'robot', 'sdk']",
    "one token=True",
    "revoked=PermissionDenied 403",
    "deleted twice=ResourceDoesNotExist RESOURCE_DOES_NOT_EXIST",
    "token levels=['CAN_USE']",
    "token rights=tokens",
    "inserted=[['2', '2']]",
    "grants=[('readers', ['SELECT'])]",
    "effective=[('readers', ['SELECT', 'USE_SCHEMA'])]",
    "no table=ResourceDoesNotExist RESOURCE_DOES_NOT_EXIST",
    "ip list=[('office', 'BLOCK', 1)]",
    "conf={'enableIpAccessLists': 'false', 'maxTokenLifetimeDays': ''}",
    "user gone=NotFound SCIM_404",
  ]);
});

test("the JavaScript SDK", { timeout: 180_000 }, async () => {
  expect(await lines(process.execPath, "databricks-probe.mjs")).toEqual([
    'me="admin"',
    'select=[["1",null,"x"]]',
    'by links=[true,300000,"1","300000"]',
    'failed="BAD_REQUEST"',
    'group=["kim@example.org"]',
    'user=["kim@example.org",true]',
    "token=true",
    'with it="admin"',
    "revoked=[403,403]",
    'grants=[{"principal":"writers","privileges":["SELECT","USE_SCHEMA"]}]',
    'unknown user=[404,"Not Found"]',
  ]);
});
