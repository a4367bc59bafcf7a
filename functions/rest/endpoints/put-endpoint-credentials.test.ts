import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import { failCollection } from "../../../adapters/dynamodb/catalog/collection-progress.ts";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { listUnowned } from "../../../adapters/dynamodb/credentials/unowned.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { markProbeRunning } from "../../../adapters/dynamodb/probes/progress.ts";
import { queueProbe } from "../../../adapters/dynamodb/probes/store.ts";
import { secretId } from "../../../adapters/secrets/credential-store.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { RunProbeResult } from "../../../schemas/run-probe.ts";
import { ADMIN, caller, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { finishNextProbe, whileProbesAre } from "../../../tests/stage/probe-answers.ts";
import { finishProbe } from "../../../worker/activities/finish-probe.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const { tenantId } = ADMIN;
const TAKEN: RunProbeResult = { summary: { account: "Ann" }, key: null, error: null };
const refusal = {
  code: "AUTH_ERROR" as const,
  message: "The shop refused the credentials. Store valid ones.",
  retryable: false,
};
const REFUSED: RunProbeResult = { summary: {}, key: null, error: refusal };
const UNREACHED: RunProbeResult = {
  ...REFUSED,
  error: { ...refusal, code: "SOURCE_UNAVAILABLE", retryable: true },
};
const credentials = (password: string) => ({
  authType: "basic",
  secret: { user: "ann", password },
});

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

/** An endpoint whose collection was refused. */
async function aRefusedEndpoint(name: string): Promise<Endpoint> {
  const body = {
    name,
    connector: "shop",
    config: { baseUrl: "https://shop.example" },
    credentials: credentials("old password"),
  };
  const made = await whileProbesAre(tables, TAKEN, () => call("POST", "/endpoints", { body }));
  const { endpointId } = made.body;
  const collection = (await call("POST", `/endpoints/${endpointId}/collect`)).body;
  await failCollection(tables, collection, refusal, new Date());
  return getEndpoint(tables, tenantId, endpointId);
}

async function put({ endpointId }: Endpoint, answered: RunProbeResult) {
  const asked = finishNextProbe(tables, answered);
  const answer = await call("PUT", `/endpoints/${endpointId}/credentials`, {
    body: credentials("new password"),
  });
  return {
    ...answer,
    probe: await asked,
    endpoint: await getEndpoint(tables, tenantId, endpointId),
  };
}

describe("PUT …/credentials", () => {
  it("has the source try them before they are used, and clears the AUTH_ERROR", async () => {
    const refused = await aRefusedEndpoint("taken");
    const connection = { status: "AUTH_ERROR", error: refusal };
    expect(refused).toMatchObject({ status: "FAILED", lastError: refusal, connection });
    const { status, probe, endpoint } = await put(refused, TAKEN);
    expect(status).toBe(200);
    expect(endpoint).toMatchObject({ status: "NEW", lastError: null, version: 2 });
    expect(endpoint.connection).toMatchObject({ status: "CONNECTED", error: null });
    expect(endpoint.credentialVersion).not.toBe(refused.credentialVersion);
    const { authType, credentialVersion } = endpoint;
    expect(probe).toMatchObject({
      kind: "TEST_ENDPOINT",
      offered: { authType, credentialVersion },
    });
  });

  it("changes nothing when the source refuses them", async () => {
    const before = await aRefusedEndpoint("refused");
    const { status, body, endpoint } = await put(before, REFUSED);
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 422,
      code: "AUTH_ERROR",
      detail: `The endpoint keeps what it had. ${refusal.message}`,
    });
    expect(endpoint).toEqual(before);
  });

  it("removes those that are refused, however many, and keeps what counts", async () => {
    const endpoint = await aRefusedEndpoint("guessed at");
    for (const _ of ["first", "second", "third"]) await put(endpoint, REFUSED);
    const address = { tenantId, ownerId: endpoint.endpointId };
    expect(await listUnowned(tables, tenantId, endpoint.endpointId)).toEqual([]);
    const SecretId = secretId("local", { ...address, versionId: endpoint.credentialVersion ?? "" });
    const { SecretString } = await new SecretsManagerClient({}).send(
      new GetSecretValueCommand({ SecretId }),
    );
    expect(SecretString).toContain("ciphertext");
  });

  it("takes them, without a word for them, when the source cannot be asked", async () => {
    const { status, endpoint } = await put(await aRefusedEndpoint("unreached"), UNREACHED);
    expect({ status, endpoint }).toMatchObject({
      status: 200,
      endpoint: { connection: { status: "AUTH_ERROR" }, version: 2 },
    });
  });
});

describe("a test of the endpoint", () => {
  async function test(
    { endpointId, credentialVersion }: Endpoint,
    result: RunProbeResult,
    meanwhile?: () => Promise<unknown>,
  ): Promise<Endpoint> {
    const probeId = `prb_${endpointId}`;
    const [queuedAt, status] = [new Date().toISOString(), "QUEUED"] as const;
    const nothing = { limit: null, result: null, error: null, finishedAt: null };
    await queueProbe(tables, {
      probeId,
      tenantId,
      kind: "TEST_ENDPOINT",
      subject: endpointId,
      status,
      queuedAt,
      ...nothing,
    });
    await markProbeRunning(tables, { tenantId, probeId }, credentialVersion);
    await meanwhile?.();
    await finishProbe({ tables, now: () => new Date() }, { tenantId, probeId, result });
    return getEndpoint(tables, tenantId, endpointId);
  }

  it("clears its AUTH_ERROR when the source takes the credentials, and only then", async () => {
    const passed = await aRefusedEndpoint("passed");
    const connection = { ...passed.connection, status: "CONNECTED", error: null };
    expect(await test(passed, TAKEN)).toEqual({
      ...passed,
      status: "NEW",
      lastError: null,
      connection: { ...connection, lastConnectedAt: expect.any(String) },
    });
    const failed = await aRefusedEndpoint("failed");
    expect(await test(failed, REFUSED)).toEqual(failed);
  });

  it("says nothing of credentials that were replaced or dropped meanwhile", async () => {
    const replaced = await aRefusedEndpoint("replaced meanwhile");
    const after = await test(replaced, TAKEN, () => put(replaced, UNREACHED));
    expect(after).toMatchObject({
      status: "FAILED",
      lastError: refusal,
      connection: { status: "AUTH_ERROR", error: refusal },
      version: 2,
    });

    const dropped = await aRefusedEndpoint("dropped meanwhile");
    const body = { config: { baseUrl: "https://other-shop.example" } };
    const patch = { body, headers: { "if-match": "*" } };
    const moved = await test(dropped, TAKEN, () =>
      call("PATCH", `/endpoints/${dropped.endpointId}`, patch),
    );
    expect(moved).toMatchObject({
      connection: {
        status: "AUTH_ERROR",
        error: { message: expect.stringContaining("address changed") },
      },
      credentialVersion: null,
    });
  });
});
