import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../schemas/endpoint.ts";
import { anEndpoint } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { announceCredential } from "../credentials/unowned.ts";
import { keys } from "../keys.ts";
import { updateLastUsed } from "../methods/outcomes.ts";
import {
  saveAcceptedCredentials,
  saveConnected,
  saveConnection,
  saveRefused,
} from "./connection.ts";
import { createEndpoint, getEndpoint, updateEndpoint } from "./store.ts";

const refusal = {
  code: "AUTH_ERROR",
  message: "Refused. Store others.",
  retryable: false,
} as const;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute));

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

/** With credentials `v1` that it was given at minute 0. */
async function registered(tenantId: string) {
  await announced(tenantId, "v1");
  const [authType, credentialVersion] = ["basic", "v1"];
  const [createdAt, updatedAt] = [at(0).toISOString(), at(0).toISOString()];
  const endpoint = anEndpoint(tenantId, { authType, credentialVersion, createdAt, updatedAt });
  await createEndpoint(tables, endpoint, "anna");
  return { tenantId, endpointId: endpoint.endpointId };
}

const announced = (tenantId: string, versionId: string) =>
  announceCredential(tables, { tenantId, ownerId: "ep", versionId }, at(0));
const shown = async (tenantId: string) => (await getEndpoint(tables, tenantId, "ep")).connection;

describe("what is learned of a connection", () => {
  it("is shown: taken, refused, and taken again", async () => {
    const address = await registered("t1");
    const tried = { version: "v1" };
    await saveConnected(tables, address, tried, at(1));
    expect(await shown("t1")).toMatchObject({
      status: "CONNECTED",
      lastConnectedAt: at(1).toISOString(),
    });

    await saveRefused(tables, address, tried, refusal);
    expect(await shown("t1")).toMatchObject({
      status: "AUTH_ERROR",
      error: refusal,
      lastConnectedAt: at(1).toISOString(),
    });

    await saveAcceptedCredentials(tables, address, tried, at(2));
    expect(await shown("t1")).toMatchObject({ status: "CONNECTED", error: null });
    expect(await getEndpoint(tables, "t1", "ep")).toMatchObject({ version: 1 });
  });

  it("writes nothing while it was shown minutes ago", async () => {
    const address = await registered("t2");
    await saveConnected(tables, address, { version: "v1" }, at(1));
    await saveConnected(tables, address, { version: "v1" }, at(9));
    expect((await shown("t2")).lastConnectedAt).toBe(at(1).toISOString());
    await saveConnected(tables, address, { version: "v1" }, at(12));
    expect((await shown("t2")).lastConnectedAt).toBe(at(12).toISOString());
  });

  it("says nothing of credentials that came meanwhile", async () => {
    const address = await registered("t3");
    const seen = await getEndpoint(tables, "t3", "ep");
    await announced("t3", "v2");
    const next = { ...seen, version: 2, credentialVersion: "v2", updatedAt: at(5).toISOString() };
    await updateEndpoint(tables, next, seen, "anna");

    await saveRefused(tables, address, { version: "v1" }, refusal);
    await saveRefused(tables, address, { since: at(4).toISOString() }, refusal);
    await saveConnected(tables, address, { since: at(4).toISOString() }, at(6));
    expect(await saveConnection(tables, address, "v1", { status: "EXPIRING" })).toBe(false);
    expect((await shown("t3")).status).toBe("NOT_CONNECTED");

    await saveRefused(tables, address, { since: at(5).toISOString() }, refusal);
    expect((await shown("t3")).status).toBe("AUTH_ERROR");
  });

  it("keeps what others wrote of it: expiry and scopes", async () => {
    const address = await registered("t4");
    const known = { status: "EXPIRING", expiresAt: at(59).toISOString(), scopes: ["a"] } as const;
    expect(await saveConnection(tables, address, "v1", { ...known, scopes: ["a"] })).toBe(true);
    await saveConnected(tables, address, { version: "v1" }, at(1));
    const expected: Partial<Connection> = { ...known, scopes: ["a"], error: null };
    expect(await shown("t4")).toMatchObject(expected);
  });

  it("makes no endpoint of one that is gone", async () => {
    const address = { tenantId: "t5", endpointId: "ep" };
    await saveConnected(tables, address, { version: null }, at(1));
    await saveRefused(tables, address, { version: null }, refusal);
    await updateLastUsed(tables, "t5", "ep", at(1));
    expect(await saveConnection(tables, address, null, { status: "CONNECTED" })).toBe(false);
    await expect(getEndpoint(tables, "t5", "ep")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

it("the last use is the latest, in whatever order calls end", async () => {
  await registered("t6");
  for (const minute of [3, 7, 5]) await updateLastUsed(tables, "t6", "ep", at(minute));
  expect((await getEndpoint(tables, "t6", "ep")).lastUsedAt).toBe(at(7).toISOString());
});

it("an item of an earlier release in AUTH_ERROR is read, and mended by a test", async () => {
  const address = await registered("t7");
  await tables.client.send(
    new UpdateCommand({
      TableName: tables.control,
      Key: keys.endpoint("t7", "ep"),
      UpdateExpression: "SET #s = :s, lastError = :e REMOVE connectionStatus, credentialsAt",
      ExpressionAttributeNames: { "#s": "status" },
      ExpressionAttributeValues: { ":s": "AUTH_ERROR", ":e": refusal },
    }),
  );
  expect(await getEndpoint(tables, "t7", "ep")).toMatchObject({
    status: "FAILED",
    lastError: refusal,
    connection: { status: "AUTH_ERROR", error: refusal },
  });

  await saveAcceptedCredentials(tables, address, { since: at(1).toISOString() }, at(2));
  expect(await getEndpoint(tables, "t7", "ep")).toMatchObject({
    status: "READY",
    lastError: null,
    connection: { status: "CONNECTED", error: null },
  });
});
