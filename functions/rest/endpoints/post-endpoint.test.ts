import { paginateListSecrets, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { listUnowned } from "../../../adapters/dynamodb/credentials/unowned.ts";
import { ADMIN, caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { whileProbesAre } from "../../../tests/stage/probe-answers.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const config = { baseUrl: "https://shop.example" };
const credentials = { authType: "basic", secret: { user: "anna", password: "canary-password" } };

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

/** What happens while the source takes every credential that it is asked about. */
const taken = <T>(work: () => Promise<T>) =>
  whileProbesAre(tables, { summary: { account: "Anna" }, key: null, error: null }, work);

/** Versions of the stored credentials of an owner. */
async function secretsOf(tenantId: string, ownerId: string): Promise<string[]> {
  const root = `inlet/local/${tenantId}/${ownerId}/`;
  const names: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets(
    { client: new SecretsManagerClient({}) },
    {},
  )) {
    names.push(...SecretList.map(({ Name = "" }) => Name).filter((name) => name.startsWith(root)));
  }
  return names.map((name) => name.slice(root.length));
}

describe("POST /endpoints", () => {
  it("registers, then updates the endpoint of that name", async () => {
    const body = { name: "Main shop", connector: "shop", config, credentials };
    const created = await taken(() => call("POST", "/endpoints", { body }));
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      slug: "main_shop",
      connectorVersion: "1.2.0",
      status: "NEW",
      version: 1,
    });
    expect(created.body.credentialVersion).toMatch(/.+/);

    const again = await call("POST", "/endpoints", {
      body: { name: "Main shop", connector: "shop", config },
    });
    expect(again).toMatchObject({
      status: 200,
      body: { version: 1, endpointId: created.body.endpointId },
    });

    const changed = { baseUrl: "https://new.example" };
    const updated = await call("POST", "/endpoints", {
      body: { name: "Main shop", connector: "shop", config: changed },
    });
    expect(updated).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { config: changed },
    });
  });

  it("makes one endpoint of twenty requests at once, and each of them has its turn", async () => {
    const body = (n: number) => ({
      name: "Raced",
      connector: "shop",
      config: { baseUrl: `https://shop${n}.example` },
      credentials: { authType: "basic", secret: { user: "anna", password: `password ${n}` } },
    });
    const all = Array.from({ length: 20 }, (_, n) => n);
    const before = new Set(
      (await listUnowned(tables, ADMIN.tenantId)).map(({ versionId }) => versionId),
    );
    const answers = await taken(() =>
      Promise.all(all.map((n) => call("POST", "/endpoints", { body: body(n) }))),
    );

    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...all.slice(1).map(() => 200),
      201,
    ]);
    expect(new Set(answers.map(({ body }) => body.endpointId)).size).toBe(1);
    expect(answers.map(({ body }) => body.version).toSorted((a, b) => a - b)).toEqual(
      all.map((n) => n + 1),
    );
    const { items } = (await call("GET", "/endpoints?search=raced")).body;
    expect(items).toEqual([answers.find(({ body }) => body.version === 20)?.body]);
    const { endpointId, credentialVersion } = items[0];
    const unowned = (await listUnowned(tables, ADMIN.tenantId)).filter(
      (one) => !before.has(one.versionId),
    );
    expect(unowned.filter(({ ownerId }) => ownerId !== endpointId)).toEqual([]);
    const secrets = await secretsOf(ADMIN.tenantId, endpointId);
    expect(secrets.toSorted()).toEqual(
      [credentialVersion, ...unowned.map(({ versionId }) => versionId)].toSorted(),
    );
  });

  it("names every fault of a config, and repeats no secret", async () => {
    const secret = { user: "anna", password: "short", canary: "x" };
    const input = {
      name: "Bad",
      connector: "shop",
      config,
      credentials: { authType: "basic", secret },
    };
    const answer = await call("POST", "/endpoints", { body: input });
    expect(answer).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID" } });
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      "credentials.secret.password",
      "credentials.secret.canary",
    ]);
    expect(JSON.stringify(answer.body)).not.toContain("short");

    const malformed = await call("POST", "/endpoints", {
      body: { name: "Bad", connector: "shop", config: { url: 1 } },
    });
    expect(malformed.body.errors).toEqual([
      { path: "config.baseUrl", message: "is required" },
      { path: "config.url", message: "is not allowed here. Leave it out" },
    ]);
    expect((await call("GET", "/endpoints?search=bad")).body.items).toEqual([]);
  });

  it("refuses fields that are ours to set", async () => {
    const body = { name: "Mine", connector: "shop", config, tenantId: "other", version: 7 };
    expect(await call("POST", "/endpoints", { body })).toMatchObject({
      status: 400,
      body: { code: "VALIDATION_ERROR" },
    });
  });

  it("refuses an unknown connector, a sink, and a name whose tables are another's", async () => {
    const unknown = await call("POST", "/endpoints", {
      body: { name: "X", connector: "nope", config },
    });
    const sink = await call("POST", "/endpoints", {
      body: { name: "X", connector: "warehouse.iceberg", config: {} },
    });
    expect([unknown.body.code, sink.body.code]).toEqual(["CONFIG_INVALID", "CONFIG_INVALID"]);
    const clash = await call("POST", "/endpoints", {
      body: { name: "MAIN-SHOP", connector: "shop", config },
    });
    expect(clash).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
  });
});
