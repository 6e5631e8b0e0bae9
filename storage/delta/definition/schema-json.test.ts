import { describe, expect, test } from "vitest";
import { numeric, type DataType } from "../../common/data-type.ts";
import type { Schema } from "../../common/schema.ts";
import type { Metadata, Protocol } from "../actions.ts";
import { printSchema } from "./schema-print.ts";
import { parseTableSchema } from "./schema-json.ts";

const PROTOCOL: Protocol = { minReaderVersion: 2, minWriterVersion: 5 };

function metadata(
  schemaString: string,
  extra: Partial<Metadata> = {},
): Metadata {
  return {
    id: "x",
    schemaString,
    partitionColumns: [],
    configuration: {},
    ...extra,
  };
}

const TYPES: readonly DataType[] = [
  { kind: "int1" },
  { kind: "int2" },
  { kind: "int4" },
  { kind: "int8" },
  { kind: "float4" },
  { kind: "float8" },
  numeric(38, 10),
  { kind: "bool" },
  { kind: "text" },
  { kind: "varchar", length: 10 },
  { kind: "bpchar", length: 3 },
  { kind: "bytea" },
  { kind: "date" },
  { kind: "timestamp" },
  { kind: "timestamptz" },
  { kind: "time" },
  { kind: "interval" },
  { kind: "uuid" },
  { kind: "json" },
  { kind: "jsonb" },
  { kind: "variant" },
  { kind: "void" },
  { kind: "array", element: { kind: "uuid" } },
  { kind: "array", element: { kind: "array", element: { kind: "int4" } } },
  { kind: "map", key: { kind: "text" }, value: numeric(5, 2) },
  {
    kind: "struct",
    fields: [
      { name: "a b", type: { kind: "varchar", length: 2 }, nullable: false },
    ],
  },
];

describe("the schema of a table", () => {
  test("T1: every type is read back as it was declared, with nullability and comment", () => {
    const schema: Schema = {
      columns: TYPES.map((type, index) => ({
        name: `c${index}`,
        type,
        nullable: index % 2 === 0,
        comment: `é "${index}"`,
      })),
    };
    expect(
      parseTableSchema("t", metadata(printSchema(schema)), PROTOCOL).schema,
    ).toEqual(schema);
  });

  test.each<DataType>([
    { kind: "oid" },
    { kind: "record" },
    { kind: "unknown" },
  ])("a column of type $kind is refused", (type) => {
    expect(() =>
      printSchema({ columns: [{ name: "c", type, nullable: true }] }),
    ).toThrow(expect.objectContaining({ code: "0A000" }));
  });

  const mapped = JSON.stringify({
    type: "struct",
    fields: [
      {
        name: "Shown",
        type: { type: "struct", fields: [field("inner", "col-2", 2)] },
        nullable: true,
        metadata: {
          "delta.columnMapping.id": 1,
          "delta.columnMapping.physicalName": "col-1",
        },
      },
    ],
  });

  function field(name: string, physicalName: string, id: number): object {
    const keys = {
      "delta.columnMapping.id": id,
      "delta.columnMapping.physicalName": physicalName,
    };
    return { name, type: "string", nullable: true, metadata: keys };
  }

  test("M1: column mapping renames at every level when mode and protocol agree", () => {
    const configuration = { "delta.columnMapping.mode": "id" };
    const { layout } = parseTableSchema(
      "t",
      metadata(mapped, { configuration }),
      PROTOCOL,
    );
    expect(layout.mapping).toBe("id");
    expect(layout.columns).toMatchObject([
      {
        name: "Shown",
        physicalName: "col-1",
        fieldId: 1,
        children: [{ name: "inner", physicalName: "col-2", fieldId: 2 }],
      },
    ]);
  });

  test("M1: the mode is not honoured when the protocol does not support it", () => {
    const configuration = { "delta.columnMapping.mode": "id" };
    const legacy: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };
    const { layout } = parseTableSchema(
      "t",
      metadata(mapped, { configuration }),
      legacy,
    );
    expect(layout).toMatchObject({
      mapping: "name",
      columns: [{ name: "Shown", physicalName: "Shown" }],
    });
  });

  test.each([
    ["byte", "long", true],
    ["integer", "double", true],
    ["long", "double", false],
    ["float", "double", true],
    ["date", "timestamp_ntz", true],
    ["date", "timestamp", false],
    ["decimal(5,2)", "decimal(8,4)", true],
    ["decimal(5,2)", "decimal(6,4)", false],
    ["long", "decimal(20,0)", true],
    ["long", "decimal(19,0)", false],
    ["string", "binary", false],
  ])(
    "T7: a change from %s to %s is understood: %s",
    (fromType, toType, understood) => {
      const changes = { "delta.typeChanges": [{ fromType, toType }] };
      const text = JSON.stringify({
        type: "struct",
        fields: [
          { name: "c", type: toType, nullable: true, metadata: changes },
        ],
      });
      const parse = (): unknown =>
        parseTableSchema("t", metadata(text), PROTOCOL);
      if (understood) expect(parse).not.toThrow();
      else expect(parse).toThrow(expect.objectContaining({ code: "0A000" }));
    },
  );

  test("a partition column that the schema lacks is refused by name", () => {
    const text = JSON.stringify({
      type: "struct",
      fields: [{ name: "c", type: "long", nullable: true, metadata: {} }],
    });
    expect(() =>
      parseTableSchema(
        "t",
        metadata(text, { partitionColumns: ["d"] }),
        PROTOCOL,
      ),
    ).toThrow(/"d"/);
    expect(
      parseTableSchema(
        "t",
        metadata(text, { partitionColumns: ["C"] }),
        PROTOCOL,
      ).layout.partitionColumns,
    ).toEqual(["c"]);
  });
});
