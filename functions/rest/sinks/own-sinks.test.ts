import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { keys } from "../../../adapters/dynamodb/keys.ts";
import type { OfferedSink } from "../../../adapters/dynamodb/probes/store.ts";
import { publishManifest } from "../../../adapters/dynamodb/registry/connectors.ts";
import { getAskedSink } from "../../../adapters/dynamodb/sinks/role.ts";
import { secretId } from "../../../adapters/secrets/credential-store.ts";
import { Manifest } from "../../../schemas/connector.ts";
import manifest from "../../../schemas/json/manifest.json" with { type: "json" };
import { ADMIN, caller, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { finishNextProbe } from "../../../tests/stage/probe-answers.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const ROLE = "arn:aws:iam::111122223333:role/inlet-lands-here";
const credentials = { authType: "aws_role", secret: { roleArn: ROLE } };
const config = { location: "s3://acme-lake/x", region: "eu-central-1" };
const ANY = { "if-match": "*" };
const works = { summary: { location: "s3://acme-lake/x" }, key: null, error: null };
const refuses = (field: string) => ({
  summary: { field },
  key: null,
  error: {
    code: "CONFIG_INVALID" as const,
    message: `${field} does not let us in: mend it.`,
    retryable: false,
  },
});
const fails = {
  summary: {},
  key: null,
  error: { code: "INTERNAL" as const, message: "The process ended. Try again.", retryable: true },
};

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
  const sinks = Manifest.parse(manifest).connectors.filter(({ kind }) => kind === "sink");
  const connectors = sinks.map((one) => ({ ...one, version: "9.0.0" }));
  await publishManifest(tables, { workerVersion: "9.0.0", connectors });
});

let made = 0;
const body = (changes = {}) => ({
  name: `Own ${++made}`,
  type: "files.parquet",
  config,
  credentials,
  ...changes,
});
async function answered<T>(request: Promise<T>, result: Parameters<typeof finishNextProbe>[1]) {
  const [answer, probe] = await Promise.all([request, finishNextProbe(tables, result)]);
  return { answer, probe };
}
async function anOwnSink() {
  const { answer } = await answered(call("POST", "/sinks", { body: body() }), works);
  expect(answer.status).toBe(201);
  return answer.body;
}
const secretOf = (ownerId: string, versionId: string) => {
  const SecretId = secretId("local", { tenantId: "acme", ownerId, versionId });
  return new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId }));
};
const GONE = { name: "ResourceNotFoundException" };

describe("a sink of the tenant's own", () => {
  it("is tried with what is offered before it is stored, and says when", async () => {
    const { answer, probe } = await answered(call("POST", "/sinks", { body: body() }), works);
    expect(answer).toMatchObject({ status: 201, body: { ownership: "customer", config } });
    expect(Date.parse(answer.body.testedAt)).toBeGreaterThan(0);
    expect(probe).toMatchObject({
      kind: "TEST_SINK",
      offered: { sink: { config }, roleArn: ROLE },
    });
  });

  it("that refuses is not stored, nor are its credentials: the error names the field", async () => {
    const field = "credentials.secret.roleArn";
    const { answer, probe } = await answered(
      call("POST", "/sinks", { body: body({ name: "Refused" }) }),
      refuses(field),
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "CONFIG_INVALID", errors: [{ path: field }] },
    });

    const { items } = (await call("GET", "/sinks?limit=100")).body;
    expect(items.map(({ name }: { name: string }) => name)).not.toContain("Refused");
    const { sink } = probe.offered as OfferedSink;
    await expect(secretOf(sink.sinkId, sink.credentialVersion ?? "")).rejects.toMatchObject(GONE);
  });

  it("that cannot be asked now is stored, and says that it was not tried", async () => {
    const { answer } = await answered(call("POST", "/sinks", { body: body() }), fails);
    expect(answer).toMatchObject({ status: 201, body: { testedAt: null } });
  });

  it("shows what its role must trust, and neither role nor credentials to anybody", async () => {
    const sink = await anOwnSink();
    expect(sink.trust).toEqual({
      principal: "arn:aws:iam::000000000000:root",
      externalId: "inlet/local/acme",
    });
    for (const path of [`/sinks/${sink.sinkId}`, "/sinks?limit=100"]) {
      for (const as of [ADMIN, VIEWER]) {
        expect(JSON.stringify((await call("GET", path, { as })).body)).not.toContain(ROLE);
      }
    }
  });

  it("takes no external id from anybody", async () => {
    const secret = { roleArn: ROLE, externalId: "inlet/local/other" };
    const named = await call("POST", "/sinks", {
      body: body({ credentials: { authType: "aws_role", secret } }),
    });
    expect(named).toMatchObject({
      status: 400,
      body: { errors: [{ path: "credentials.secret.externalId" }] },
    });

    const inConfig = await call("POST", "/sinks", {
      body: body({ config: { ...config, externalId: "x" } }),
    });
    expect(inConfig).toMatchObject({
      status: 400,
      body: { errors: [{ path: "config.externalId" }] },
    });
  });

  it("keeps the role of its credentials where only the data plane reads it", async () => {
    const { sinkId } = await anOwnSink();
    expect(await getAskedSink(tables, "acme", sinkId)).toMatchObject({
      roleArn: ROLE,
      sink: { sinkId },
    });
    await call("PATCH", `/sinks/${sinkId}`, { body: { name: `Renamed ${made}` }, headers: ANY });
    expect(await getAskedSink(tables, "acme", sinkId)).toMatchObject({ roleArn: ROLE });
  });

  it("is tried anew with another config, and keeps what it had when that is refused", async () => {
    const { sinkId } = await anOwnSink();
    const elsewhere = { ...config, location: "s3://acme-lake/elsewhere" };
    const patch = () =>
      call("PATCH", `/sinks/${sinkId}`, { body: { config: elsewhere }, headers: ANY });
    const refused = await answered(patch(), refuses("config.location"));

    expect(refused.answer).toMatchObject({
      status: 400,
      body: { errors: [{ path: "config.location" }] },
    });
    expect((await call("GET", `/sinks/${sinkId}`)).body).toMatchObject({ config, version: 1 });
    const moved = await answered(patch(), works);
    expect(moved.answer).toMatchObject({ status: 200, body: { config: elsewhere, version: 2 } });
    expect(moved.probe).toMatchObject({ offered: { sink: { config: elsewhere }, roleArn: ROLE } });
  });

  it("keeps its credentials when others are refused", async () => {
    const { sinkId, credentialVersion } = await anOwnSink();
    const other = { authType: "aws_role", secret: { roleArn: `${ROLE}-2` } };
    const put = () => call("PUT", `/sinks/${sinkId}/credentials`, { body: other });

    expect((await answered(put(), refuses("credentials.secret.roleArn"))).answer.status).toBe(400);
    expect((await call("GET", `/sinks/${sinkId}`)).body).toMatchObject({
      credentialVersion,
      version: 1,
    });
    expect((await secretOf(sinkId, credentialVersion)).SecretString).toBeDefined();
    expect((await answered(put(), works)).answer).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(await getAskedSink(tables, "acme", sinkId)).toMatchObject({ roleArn: `${ROLE}-2` });
  });

  it("asks for the credentials again when another address receives them", async () => {
    const s3 = (host: string) => ({ ...config, endpointUrl: `https://${host}` });
    const secret = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "s".repeat(20) };
    const own = body({ config: s3("one.example"), credentials: { authType: "aws_keys", secret } });
    const { answer } = await answered(call("POST", "/sinks", { body: own }), works);
    const path = `/sinks/${answer.body.sinkId}`;
    for (const moved of [s3("two.example"), config]) {
      const refused = await call("PATCH", path, { body: { config: moved }, headers: ANY });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: "credentials" }] } });
    }
    const again = { config: s3("two.example"), credentials: { authType: "aws_keys", secret } };
    const moved = await answered(call("PATCH", path, { body: again, headers: ANY }), works);
    expect(moved.answer).toMatchObject({ status: 200, body: { config: s3("two.example") } });
  });

  it("drops its credentials when it becomes a part of our lake", async () => {
    const { sinkId } = await anOwnSink();
    const ours = await call("PATCH", `/sinks/${sinkId}`, { body: { config: {} }, headers: ANY });
    expect(ours.body).toMatchObject({
      ownership: "platform",
      credentialVersion: null,
      testedAt: null,
    });
    expect(await getAskedSink(tables, "acme", sinkId)).toMatchObject({ roleArn: null });
  });

  it("takes its role and credentials along when it is deleted", async () => {
    const { sinkId, credentialVersion } = await anOwnSink();
    expect((await secretOf(sinkId, credentialVersion)).SecretString).toBeDefined();
    expect((await call("DELETE", `/sinks/${sinkId}`, { headers: ANY })).status).toBe(204);
    await expect(secretOf(sinkId, credentialVersion)).rejects.toMatchObject(GONE);
    const get = new GetCommand({ TableName: tables.control, Key: keys.sinkRole("acme", sinkId) });
    expect((await tables.client.send(get)).Item).toBeUndefined();
  });
});
