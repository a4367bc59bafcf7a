import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { beforeAll, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { findConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { findMethod, listMethods, putMethods } from "../../adapters/dynamodb/registry/methods.ts";
import {
  beginRegistration,
  findRegistration,
} from "../../adapters/dynamodb/registry/registrations.ts";
import { connectorUploadKey } from "../../schemas/names.ts";
import { testBucket, testTables } from "../../tests/stage/emulator.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import { aRegistration } from "../../tests/stage/registration.ts";
import { failConnectorRegistration } from "./fail-connector-registration.ts";
import { readConnectorDocument } from "./read-connector-document.ts";

const NOW = new Date("2026-11-21T10:00:00Z");
const client = new S3Client({ forcePathStyle: true });
let tables: Tables;
let bucket: string;
beforeAll(async () => {
  [tables, bucket] = [await testTables(), await testBucket()];
});

const deps = () => ({
  tables,
  defaultQuotas: QUOTAS,
  allowPrivateNetworks: false,
  staging: { client, bucket },
  readStaged: async (Key: string) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  },
  now: () => NOW,
});

const aDocument = (operations: number) => ({
  openapi: "3.1.0",
  info: { title: "Desk", version: "1" },
  servers: [{ url: "https://desk.example.com" }],
  paths: Object.fromEntries(
    Array.from({ length: operations }, (_, n) => [
      `/things/${n}`,
      { get: { operationId: `get${n}`, responses: { "200": {} } } },
    ]),
  ),
});

/** A registration of the tenant's whose document was uploaded. */
async function uploaded(tenantId: string, body: string) {
  const registration = aRegistration(tenantId, { status: "QUEUED" });
  const { owner, claim, input } = registration;
  const Key = connectorUploadKey(tenantId, input.uploadId ?? "");
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body }));
  await beginRegistration(tables, registration, NOW);
  const work = { tenantId, owner, name: input.name, version: input.version, claim };
  const isThere = () =>
    client.send(new HeadObjectCommand({ Bucket: bucket, Key })).then(
      () => true,
      () => false,
    );
  return { work, isThere };
}
const shown = async (tenantId: string) =>
  (await findRegistration(tables, tenantId, "desk", "1.0.0"))?.shown;
const methodsOf = async (tenantId: string) =>
  (await listMethods(tables, tenantId, "desk", "1.0.0", { limit: 1000 })).items.length;

it("a document becomes a connector with all of its methods, and the upload goes", async () => {
  const { work, isThere } = await uploaded("reads", JSON.stringify(aDocument(250)));
  let beats = 0;
  await readConnectorDocument(deps(), work, () => beats++);

  expect(await shown("reads")).toMatchObject({ status: "READY", methods: 250, operations: 250 });
  expect(await methodsOf("reads")).toBe(250);
  expect(await findConnector(tables, "reads", "desk", "1.0.0")).toMatchObject({ methodCount: 250 });
  expect(beats).toBeGreaterThan(2);
  expect(await isThere()).toBe(false);

  // Called again, as after a lost answer, it does nothing.
  await readConnectorDocument(deps(), work, () => undefined);
  expect(await shown("reads")).toMatchObject({ status: "READY" });
});

it("killed between methods and connector, it begins anew, and nobody saw the half", async () => {
  const { work } = await uploaded("killed", JSON.stringify(aDocument(3)));
  const stale = { method: { ...aMethod, name: "ofBefore" }, call: null };
  await putMethods(tables, { owner: "killed", connector: "desk", version: "1.0.0" }, [stale]);
  expect(await findMethod(tables, "killed", "desk", "1.0.0", "ofBefore")).toBeUndefined();

  await readConnectorDocument(deps(), work, () => undefined);
  expect(await methodsOf("killed")).toBe(3);
  expect(await findMethod(tables, "killed", "desk", "1.0.0", "ofBefore")).toBeUndefined();
});

it.each([
  ["not JSON", "openapi: 3.1.0"],
  ["without a version", "{}"],
  ["nothing that can be called", JSON.stringify(aDocument(0))],
  ["without end", "[".repeat(1000)],
])("%s fails for good, and leaves nothing behind", async (name, body) => {
  const tenantId = `fails-${name.replaceAll(" ", "-")}`;
  const { work, isThere } = await uploaded(tenantId, body);
  const read = readConnectorDocument(deps(), work, () => undefined);
  await expect(read).rejects.toMatchObject({ code: "CONFIG_INVALID" });

  const error = { code: "CONFIG_INVALID", message: "No." };
  await failConnectorRegistration(deps(), { ...work, error });
  expect(await shown(tenantId)).toMatchObject({ status: "FAILED", error });
  expect(await methodsOf(tenantId)).toBe(0);
  expect(await isThere()).toBe(false);
});

it("an attempt that another one took over changes nothing", async () => {
  const { work } = await uploaded("taken", JSON.stringify(aDocument(1)));
  await readConnectorDocument(deps(), { ...work, claim: "another" }, () => undefined);
  const error = { code: "INTERNAL", message: "No." };
  await failConnectorRegistration(deps(), { ...work, claim: "another", error });
  expect(await shown("taken")).toMatchObject({ status: "QUEUED", error: null });
});

const aMethod = {
  title: "",
  description: "",
  paramSchema: {},
  safe: true,
  idempotent: true,
  scopes: [],
};
