import { readFileSync } from "node:fs";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { isKept, keepLarge, opened, sweepParts, withKept } from "./kept-value.ts";
import { walk } from "./walk.ts";

const DAY_MS = 86_400_000;
const now = new Date("2026-11-21T10:00:00Z");
const keepingOf = (name: string) => ({
  owner: { pk: "T#acme#E#ep_1", sk: `DATASET#${name}` },
  now,
});
const noise = (length: number, seed: number) =>
  Array.from({ length }, (_, n) => ({
    id: String((n * 7919 + seed) % 1_000_003),
    at: Math.sin(n + seed),
  }));

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

async function partsOf(name: string): Promise<string[]> {
  const { pk, sk } = keepingOf(name).owner;
  const keys: string[] = [];
  for await (const part of walk(tables, { table: tables.control, pk, prefix: `PART#${sk}#` })) {
    keys.push(String(part.sk));
  }
  return keys;
}

describe("a value that may be large", () => {
  it("stays in its item when it is small", async () => {
    const item = { name: "small", entries: noise(10, 1), other: "x".repeat(70_000) };
    expect(await keepLarge(tables, item, ["entries", "missing"], keepingOf("small"))).toEqual(item);
    expect(await partsOf("small")).toEqual([]);
  });

  it("is in parts beside its item when it is large, and read as it was given", async () => {
    const item = { name: "large", entries: noise(40_000, 2), fields: noise(20, 2) };
    const stored = await keepLarge(tables, item, ["entries", "fields"], keepingOf("large"));
    expect(isKept(stored.entries)).toBe(true);
    expect(stored.fields).toEqual(item.fields);
    expect((await partsOf("large")).length).toBeGreaterThan(1);
    expect(await withKept(tables, stored, keepingOf("large").owner.pk, ["entries"])).toEqual(item);
    expect(await withKept(tables, stored, keepingOf("large").owner.pk, [])).toEqual(stored);
  });

  it("is refused when a part is missing or was changed", async () => {
    const { pk } = keepingOf("damaged").owner;
    const stored = await keepLarge(
      tables,
      { entries: noise(40_000, 3) },
      ["entries"],
      keepingOf("damaged"),
    );
    const [first = ""] = await partsOf("damaged");
    await tables.client.send(
      new UpdateCommand({
        TableName: tables.control,
        Key: { pk, sk: first },
        UpdateExpression: "SET #data = :data",
        ExpressionAttributeNames: { "#data": "data" },
        ExpressionAttributeValues: { ":data": new Uint8Array(1000) },
      }),
    );
    await expect(withKept(tables, stored, pk, ["entries"])).rejects.toMatchObject({
      code: "INTERNAL",
    });
    const gone = {
      entries: {
        $kept: { ...(stored.entries as { $kept: object }).$kept, key: "PART#DATASET#gone#0" },
      },
    };
    await expect(withKept(tables, gone, pk, ["entries"])).rejects.toMatchObject({
      code: "INTERNAL",
    });
  });

  it("leaves no parts behind once another one has been in its place for a day", async () => {
    const first = await keepLarge(
      tables,
      { entries: noise(9000, 4) },
      ["entries"],
      keepingOf("swept"),
    );
    const before = await partsOf("swept");
    const later = { ...keepingOf("swept"), now: new Date(now.getTime() + DAY_MS + 1) };
    await sweepParts(tables, first, later);
    expect(await partsOf("swept")).toEqual(before);
    const second = await keepLarge(tables, { entries: noise(9000, 5) }, ["entries"], later);
    await sweepParts(tables, second, keepingOf("swept"));
    expect((await partsOf("swept")).length).toBe(before.length * 2);
    await sweepParts(tables, second, later);
    expect((await partsOf("swept")).length).toBe(before.length);
    expect(await withKept(tables, second, later.owner.pk, ["entries"])).toEqual({
      entries: noise(9000, 5),
    });
  });
});

describe("both languages", () => {
  const vectors = JSON.parse(readFileSync("schemas/examples/kept/vectors.json", "utf8")) as {
    name: string;
    parts: string[];
    sha256: string;
    length: number;
    value: unknown;
  }[];

  it.each(vectors)("read $name", ({ parts, value, ...kept }) => {
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
    expect(opened(bytes, kept)).toEqual(value);
    expect(() => opened(bytes, { ...kept, length: kept.length - 1 })).toThrow("damaged");
    expect(() => opened(bytes.subarray(1), kept)).toThrow("damaged");
  });
});
