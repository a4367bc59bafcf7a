import { beforeAll, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import { aSource } from "../../../tests/stage/shop.ts";
import type { Tables } from "../client.ts";
import { listConnectors, publishManifest } from "./connectors.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

it("a manifest is published whole, or not where a schema says what nobody checks", async () => {
  const odd = aSource({ name: "odd", configSchema: { type: "object", dependentSchemas: {} } });
  const publish = (connectors: ReturnType<typeof aSource>[]) =>
    publishManifest(tables, { workerVersion: "1", connectors });
  await expect(publish([aSource(), odd])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(await listConnectors(tables, "acme")).toEqual([]);
  await publish([aSource(), aSource({ version: "2.0.0" })]);
  await publish([aSource({ title: "Shop again" })]);
  const published = (await listConnectors(tables, "acme")).map(
    ({ version, title }) => `${version} ${title}`,
  );
  expect(published).toEqual(["1.2.0 Shop again", "2.0.0 Shop"]);
});
